import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const bodyOf = (request = '') => JSON.parse(request.slice(request.indexOf('{')));

test('Tab completes a known source, whether the configuration or an editor has named it', async () => {
  const desk = new FakeDesk();
  desk.sources = [{ name: 'Harbour office', kind: 'organisation' }];
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  for (const [begun, name] of [
    ['reu', 'Reuters'],
    ['harb', 'Harbour office'],
  ] as const) {
    await box.fill('');
    await box.pressSequentially(begun);
    await poll(() => page.locator('.completion').textContent()).toBe(`Tab completes ${name}`);
    await page.keyboard.press('Tab');
    expect(await box.inputValue()).toBe(`${name}: `);
  }
});

test('a known source is written as it is known, however it was typed', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('afp: The bridge closes');
  await poll(() => page.locator('.under-line .attribution').textContent()).toBe('AFP');
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(bodyOf(open.sent()[0])).toMatchObject({ attribution: 'AFP', headline: 'The bridge closes' });
});

test('a colon after anything but a source introduces none, once the editor has said so', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('Gaza ceasefire: what we know');
  await box.press('Control+Enter');
  const question = page.locator('.confirm.source');
  await poll(() => question.locator('p').textContent()).toBe('Is “Gaza ceasefire” a source?');
  expect(open.sent()).toEqual([]);
  await question.getByRole('button', { name: 'No, it is part of the line' }).click();
  await poll(() => box.evaluate((element) => element === document.activeElement)).toBe(true);
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(bodyOf(open.sent()[0])).toMatchObject({ headline: 'Gaza ceasefire: what we know' });
  expect(bodyOf(open.sent()[0])).not.toHaveProperty('attribution');
  // Asked once, in this browser.
  await box.fill('Gaza ceasefire: the second day');
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(2);
});

test('a new source is confirmed once, with its kind, for every desk of the edition', async () => {
  const desk = new FakeDesk();
  desk.sources = [{ name: 'Harbour office', kind: 'organisation' }];
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('Ana Ruiz: The bridge opens');
  await box.press('Control+Enter');
  await page.locator('.confirm.source').getByRole('button', { name: 'A person' }).click();
  await poll(open.sent).toEqual([
    'PUT /v1/sources?edition=en {"sources":[{"name":"Harbour office","kind":"organisation"},{"name":"Ana Ruiz","kind":"person"}]}',
  ]);
  expect(desk.requests.at(-1)?.headers['if-match']).toBe('"1"');
  await poll(() => page.locator('.under-line .attribution').textContent()).toBe('Ana Ruiz');
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(2);
  expect(bodyOf(open.sent()[1])).toMatchObject({ attribution: 'Ana Ruiz', headline: 'The bridge opens' });
});

test('two editors who confirm a source at once lose neither', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('Ana Ruiz: The bridge opens');
  await box.press('Enter');
  await page.locator('.confirm.source').waitFor();
  desk.sources = [{ name: 'Harbour office', kind: 'organisation' }]; // since this desk has read them
  desk.sourcesVersion += 1;
  await page.locator('.confirm.source').getByRole('button', { name: 'A person' }).click();
  await poll(() => desk.sources.map(({ name }) => name)).toEqual(['Harbour office', 'Ana Ruiz']);
});

test('a line goes out with its source even if the server cannot keep it, and the desk says so', async () => {
  const desk = new FakeDesk();
  desk.sourcesStatus = 503;
  await using open = await pages.open(desk);
  const { page } = open;
  const box = page.locator('.composer textarea');
  await box.fill('Ana Ruiz: The bridge opens');
  await box.press('Control+Enter');
  await page.locator('.confirm.source').getByRole('button', { name: 'An organisation' }).click();
  await poll(() => page.locator('.composer .problem').count()).toBe(1);
  await box.press('Control+Enter');
  await poll(() => open.sent().filter((request) => request.startsWith('POST'))).toHaveLength(1);
  expect(bodyOf(open.sent().at(-1))).toMatchObject({ attribution: 'Ana Ruiz' });
});

test('a correction keeps the source that its line has, and asks about another one', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { attribution: 'Old office', headline: 'Ten minutes' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.correct').click();
  const box = page.locator('.item textarea');
  const note = page.locator('[name=note]');
  await box.fill('Old office: Eleven minutes');
  await note.fill('It is eleven.');
  await note.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(bodyOf(open.sent()[0])).toMatchObject({ attribution: 'Old office', headline: 'Eleven minutes' });
  await page.locator('[data-id="01C"] button.correct').click();
  await box.fill('Update: Twelve minutes');
  await note.fill('It is twelve.');
  await note.press('Control+Enter');
  await poll(() => page.locator('.item .confirm.source p').textContent()).toBe('Is “Update” a source?');
});

test('a rehearsal confirms a source for itself only', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('.menu summary').click();
  await page.locator('.switch-over').click();
  await page.locator('.test-bar').waitFor();
  const box = page.locator('.composer textarea');
  await box.fill('Ana Ruiz: The bridge opens');
  await box.press('Control+Enter');
  await page.locator('.confirm.source').getByRole('button', { name: 'TEST: A person' }).click();
  await box.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toMatch(/^POST \/v1\/test\/items .*"attribution":"Ana Ruiz"/);
});
