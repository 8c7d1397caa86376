import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, pressAt, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const line = 'AFP: The bridge opens tonight';
const sentLine = '"attribution":"AFP","headline":"The bridge opens tonight"';

test('posting takes the text and two keys: Enter shows the line as readers will see it, Enter again sends it', async () => {
  const desk = new FakeDesk();
  await using open = await pages.open(desk);
  const { page } = open;
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
  await page.locator('.review').waitFor();
  expect(await page.locator('.review .reads').textContent()).toBe(`Urgent ${line}`);
  await poll(() => page.locator('.review').textContent()).toContain('1,204 connections open now');
  expect(open.sent()).toEqual([]);
  // A key that is held sends nothing.
  await pressAt(page, 'Enter', 'Enter', { repeat: true });
  await pressAt(page, 'Enter', 'Enter', { isComposing: true });
  // In Safari the Enter that takes a suggestion of the input method is known by its code alone.
  await pressAt(page, 'Enter', 'Enter', { keyCode: 229 });
  expect(open.sent()).toEqual([]);
  await page.keyboard.press('Enter');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain(sentLine);
  expect(open.sent()[0]).toContain('"holdSeconds":3');
  // Ready for the next one.
  expect(await page.locator('.composer textarea').inputValue()).toBe('');
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
  expect(open.faults).toEqual([]);
});

test.each([
  ['en', 'Flash to 1 open connection', 'Flash to 2 open connections'],
  ['ar', 'خبر عاجل إلى اتصال واحد مفتوح', 'خبر عاجل إلى اتصالين مفتوحين'],
  ['es', 'Flash a 1 conexión abierta', 'Flash a 2 conexiones abiertas'],
])('says in %s to how many it goes, be it one', async (language, one, two) => {
  const desk = new FakeDesk();
  for (const [readers, text] of [
    [1, one],
    [2, two],
  ] as const) {
    desk.status = { readers: { en: readers }, processes: [], provenAgoMs: 4_000 };
    await using open = await pages.open(desk);
    const { page } = open;
    await page.locator('.menu summary').click();
    await page.locator('[name=language]').selectOption(language);
    await page.locator('.composer textarea').fill(line);
    await page.locator('.composer textarea').press('Alt+Digit1');
    await page.locator('.composer textarea').press('Enter');
    await poll(() => page.locator('.consequence').textContent()).toBe(text);
  }
});

test('Escape and any change go back from the review to typing and send nothing', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
  await page.locator('.review').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.review').waitFor({ state: 'detached' });
  expect(await page.locator('.composer textarea').inputValue()).toBe(line);
  await page.keyboard.press('Enter');
  await page.locator('.review').waitFor();
  await page.keyboard.type('!');
  await page.locator('.review').waitFor({ state: 'detached' });
  expect(open.sent()).toEqual([]);
});

test('a flash is confirmed even after Ctrl+Enter: its text, its audience, and what differs from the last flash', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01A', 'published', { headline: 'The bridge closes tonight', urgency: 'flash' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01A"]').waitFor();
  await page.keyboard.type(line);
  await pressAt(page, 'Digit1', '١', { altKey: true });
  await page.keyboard.down('Control');
  await page.keyboard.press('Enter');
  await page.locator('.review').waitFor();
  // A hand that slips: Enter again while Ctrl is still down. Nor is a second Enter enough, or a double click.
  await page.keyboard.press('Enter');
  await page.keyboard.up('Control');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.locator('.composer .primary').dispatchEvent('click', { detail: 2 });
  expect(await page.locator('.consequence').textContent()).toBe('Flash to 1,204 open connections');
  expect(await page.locator('.difference .before').textContent()).toBe('The bridge closes tonight');
  expect(await page.locator('.difference mark').allTextContents()).toEqual(['opens']);
  expect(await page.locator('.composer .primary').textContent()).toBe('Send the flash to English');
  expect(await page.locator('.composer .hint').textContent()).toBe('Ctrl+Enter sends');
  expect(open.sent()).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('"urgency":"flash"');
});

test('Tab completes an agency that was used before', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.keyboard.type(line);
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  await page.keyboard.type('af');
  await poll(() => page.locator('.completion').textContent()).toBe('Tab completes AFP');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Second line');
  expect(await page.locator('.composer textarea').inputValue()).toBe('AFP: Second line');
  expect(await page.locator('.under-line .attribution').textContent()).toBe('AFP');
});

test('a line gets its facets by keys alone, and the next line starts with the same facets', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.keyboard.type(line);
  const facets = page.locator('[name=facets]');
  await facets.focus();
  await page.keyboard.type('pol');
  await poll(() => page.locator('.offers [role=option]').allTextContents()).toEqual(['Politics']);
  await page.keyboard.press('Enter');
  await page.keyboard.type('eur');
  await page.keyboard.press('Enter');
  await page.keyboard.type('#harbour');
  await poll(() => page.locator('.offers [role=option]').allTextContents()).toEqual(['New topic: #harbour']);
  await page.keyboard.press('Enter');
  await page.locator('.new-topic').waitFor();
  await page.keyboard.press('Enter');
  expect(await page.locator('.picker .chip').allTextContents()).toEqual(['Politics ×', 'Europe ×', '#harbour ×']);
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('"sections":["politics"],"regions":["europe"],"topics":["harbour"]');
  await page.reload();
  await poll(() => page.locator('.picker .chip').allTextContents()).toEqual(['Politics ×', 'Europe ×', '#harbour ×']);
  await facets.focus();
  await page.keyboard.press('Backspace');
  expect(await page.locator('.picker .chip').allTextContents()).toEqual(['Politics ×', 'Europe ×']);
});

test('pasted text loses its invisible characters, and the desk shows how many they were', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.locator('.composer textarea').evaluate((box) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'AFP: The bridge\u200B opens\r\n\u202Etonight');
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await poll(() => page.locator('.composer textarea').inputValue()).toBe(line);
  expect(await page.locator('.under-line [role=status]').textContent()).toBe('2 invisible characters removed');
});

test('the desk sends times in the time zone of the edition, and Ctrl+S saves a draft', async () => {
  await using open = await pages.open(new FakeDesk(), { timezoneId: 'Asia/Tokyo' });
  const { page } = open;
  await page.locator('[name=edition]').selectOption('ar');
  await page.locator('.composer textarea').fill('سطر');
  await page.locator('details.more summary').first().click();
  await page.locator('[name=notBefore]').fill('2030-01-31T09:30');
  await page.locator('[name=until]').fill('2030-02-01T09:30');
  await page.locator('.composer textarea').focus();
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('"publishAt":"2030-01-31T09:30:00.000Z","expiresAt":"2030-02-01T09:30:00.000Z"');
  expect(open.sent()[0]).not.toContain('holdSeconds');
  await page.locator('.composer textarea').fill('مسودة');
  await page.keyboard.press('Control+s');
  await poll(open.sent).toHaveLength(2);
  expect(open.sent()[1]).toContain('"state":"draft"');
});

test('the desk warns of a duplicate, a missing source, a test word and an open slot, and never blocks the line', async () => {
  const desk = new FakeDesk();
  desk.items = [
    deskItem('01A', 'published', { headline: 'The old bridge opens tonight' }, { publishedAt: Date.now() - 180_000 }),
  ];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01A"]').waitFor();
  await page.keyboard.type('TEST: the old bridge opens tonight at [TIME]');
  await poll(() => page.locator('.warnings li').allTextContents()).toEqual([
    'The line says “test”, and this is not the rehearsal',
    '“[TIME]” has not been filled in',
    'Very similar to a line from 3 min ago in English: The old bridge opens tonight',
  ]);
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'No, it is part of the line' }).click();
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  await page.keyboard.type('Parliament votes');
  await page.keyboard.press('Enter');
  await poll(() => page.locator('.review .warnings').textContent()).toBe('No source. “AFP: …” names one.');
});

test('the desk asks for a confirmation after twelve lines in a minute, and continues after it', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  for (let count = 1; count <= 12; count++) {
    await page.keyboard.type(`Line ${count}`);
    await page.keyboard.press('Control+Enter');
    await poll(open.sent).toHaveLength(count);
  }
  await page.keyboard.type('Line 13');
  await page.keyboard.press('Control+Enter');
  await poll(() => page.locator('.confirm').textContent()).toBe('12 lines in a minute. Continue?');
  await page.keyboard.press('Enter');
  expect(open.sent()).toHaveLength(12);
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(13);
});

test('a pasted word keeps its distance to the words around it', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  const box = page.locator('.composer textarea');
  const paste = (text: string, at: number) =>
    box.evaluate(
      (element, [pasted, place]) => {
        const area = element as HTMLTextAreaElement;
        area.setSelectionRange(place, place);
        const clipboardData = new DataTransfer();
        clipboardData.setData('text/plain', pasted);
        area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      },
      [text, at] as const,
    );
  await box.fill('The bridge opens');
  await paste('old ', 4);
  await poll(() => box.inputValue()).toBe('The old bridge opens');
  await paste(' tonight\n', 20);
  await poll(() => box.inputValue()).toBe('The old bridge opens tonight');
  await paste(' very ', 4);
  await poll(() => box.inputValue()).toBe('The very old bridge opens tonight');
});

test('each window of one editor finds its own text after a reload, and a new one that of the window closed last', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page, url } = open;
  const openWindow = async () => {
    const other = await page.context().newPage();
    await other.goto(`${url}/desk/en`);
    await other.locator('.composer textarea').waitFor();
    return other;
  };
  const other = await openWindow();
  await page.locator('.composer textarea').fill('Text of the first window');
  await other.locator('.composer textarea').fill('Text of the second window');
  await page.reload();
  await poll(() => page.locator('.composer textarea').inputValue()).toBe('Text of the first window');
  await page.locator('.composer textarea').press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  await poll(() => page.locator('.composer textarea').inputValue()).toBe('');
  // `pagehide` as at a close, from a process that lives on: what one that ends has written last may be lost.
  await other.goto('about:blank');
  await poll(() => page.evaluate(() => JSON.stringify(localStorage))).toContain('Text of the second window');
  const next = await openWindow();
  await poll(() => next.locator('.composer textarea').inputValue()).toBe('Text of the second window');
});
