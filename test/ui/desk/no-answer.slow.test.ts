import { expect, test } from 'vitest';
import { FakeDesk } from './fake-desk.ts';
import { deskSecret, poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const line = 'AFP: The bridge opens tonight';

test('a line is retried for half a minute, goes out once, and is never sent later without the editor', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.clock.install();
  desk.isUnreachable = true;
  await page.locator('.composer textarea').fill(line);
  await page.keyboard.press('Control+Enter');
  await page.clock.runFor(1_000);
  await poll(() => page.locator('.outgoing .sending').count()).toBe(1);
  // Real time goes on as well, and after thirty seconds in all the desk gives up.
  for (let turn = 0; turn < 8; turn++) await page.clock.runFor(2_000);
  desk.isUnreachable = false;
  await page.clock.runFor(4_000);
  await poll(open.sent).toHaveLength(1);
  await poll(() => page.locator('.outgoing li').count()).toBe(0);
  await page.clock.runFor(60_000);
  expect(open.sent()).toHaveLength(1);
});

test('a line that was not sent waits for the editor, even after the tab was closed', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.clock.install();
  desk.isUnreachable = true;
  await page.locator('.composer textarea').fill(line);
  await page.keyboard.press('Control+Enter');
  await expect
    .poll(
      async () => {
        await page.clock.runFor(2_000);
        return page.locator('.outgoing .unsent').count();
      },
      { timeout: 15_000, interval: 50 },
    )
    .toBe(1);
  expect(await page.locator('.outgoing .state').textContent()).toMatch(/^Not sent at [\d:]{8} UTC$/);
  // Five minutes later the server is back; the line waits.
  desk.isUnreachable = false;
  await page.clock.runFor(300_000);
  expect(open.sent()).toEqual([]);
  await page.reload();
  await page.locator('.outgoing .unsent').waitFor();
  expect(await page.locator('.outgoing .text').textContent()).toBe(line);
  await page.getByRole('button', { name: 'Send now' }).click();
  await poll(open.sent).toHaveLength(1);
  await poll(() => page.locator('.outgoing li').count()).toBe(0);
  await page.reload();
  await page.locator('.composer textarea').waitFor();
  expect(await page.locator('.outgoing li').count()).toBe(0);
});

test('a refused line returns to the box, and survives the end of the session', async () => {
  const desk = new FakeDesk();
  desk.answer = () => ({ status: 401, body: { title: 'Sign in first.', status: 401 } });
  await using open = await pages.open(desk);
  const { page } = open;
  await page.keyboard.type(line);
  await page.keyboard.press('Control+Enter');
  await poll(() => page.locator('.composer textarea').inputValue()).toBe(line);
  desk.signedIn = false;
  await page.locator('.sign-in').waitFor();
  await page.locator('input[type=password]').fill(deskSecret);
  await page.locator('input[type=password]').press('Enter');
  await page.locator('.composer textarea').waitFor();
  expect(await page.locator('.composer textarea').inputValue()).toBe(line);
  expect(await page.locator('.composer .problem').textContent()).toMatch(/^Not accepted: your session had ended\./);
});

test('a line refused while the editor writes the next one waits beside it, with the problem', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  desk.delayMs = 2_000;
  desk.answer = () => ({ status: 422, body: { title: 'Not a valid item.', status: 422 } });
  await page.keyboard.type(line);
  await page.keyboard.press('Control+Enter');
  await page.keyboard.type('The next');
  await page.locator('.outgoing .refused').waitFor();
  expect(await page.locator('.outgoing').textContent()).toContain(line);
  expect(await page.locator('.outgoing .problem').textContent()).toContain('Not a valid item.');
  expect(await page.locator('.composer textarea').inputValue()).toBe('The next');
});

test('the desk shows a missing answer, an unreachable log, missing proof and what accepted lines rest on', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const service = open.page.locator('.service');
  await poll(() => service.textContent()).toMatch(/^Delivery proven [45] s ago1,204 connected$/);
  desk.status = { readers: { en: 3 }, provenAgoMs: 90_000 };
  await poll(() => service.getAttribute('class')).toBe('service doubtful');
  expect(await service.textContent()).toBe('Delivery is not proven3 connected');
  desk.status = { readers: {}, provenAgoMs: 90_000, durability: 'weak' };
  await poll(() => service.locator('.storage').textContent()).toBe(
    'If the server fails, the newest accepted lines can be lost',
  );
  desk.isUnreachable = true;
  await poll(() => service.textContent()).toContain('Published lines stay published');
  expect(await service.getAttribute('role')).toBe('alert');
});

test('the text in the box survives a closed tab', async () => {
  await using open = await pages.open(new FakeDesk());
  await open.page.keyboard.type('Half a li');
  await open.page.reload();
  await poll(() => open.page.locator('.composer textarea').inputValue()).toBe('Half a li');
});
