import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, pressAt, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const twoLines = () => {
  const desk = new FakeDesk();
  desk.items = [
    deskItem('01C', 'published', { headline: 'Out' }, { publishedAt: Date.UTC(2026, 2, 1, 10, 5) }),
    deskItem('01D', 'published', { headline: 'Out before' }),
  ];
  desk.answer = ({ path }) => {
    const state = path.endsWith('withhold') ? 'withheld' : 'published';
    desk.items = desk.items.map((item) => (path.includes(Object(item).id) ? { ...item, state } : item));
    return { status: 200, body: { id: '01C', version: 4, state } };
  };
  return desk;
};

/** The desk once its lines are there: a key finds none before. */
const openWith = async (desk: FakeDesk) => {
  const open = await pages.open(desk);
  await open.page.locator('[data-id="01C"]').waitFor();
  return open;
};

const focused = 'document.activeElement?.dataset.id ?? document.activeElement?.className ?? ""';

test('a letter typed outside of text fields goes into the box, its first letter too, and acts on no line', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  const box = page.locator('.composer textarea');
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.type('The port reopens at dawn ');
  expect(await box.inputValue()).toBe('The port reopens at dawn ');
  // A button is pressed with Enter: a space is text.
  await page.locator('[data-id="01C"] button.hide').focus();
  await page.keyboard.type(' or hides');
  expect(await box.inputValue()).toBe('The port reopens at dawn  or hides');
  // A dead key and an input method begin their character in the box.
  for (const key of ['Dead', 'Process', 'ة']) {
    await page.locator('[data-id="01C"]').focus();
    await pressAt(page, 'BracketLeft', key);
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
  }
  // Keys with Ctrl are the browser's.
  await page.locator('[data-id="01C"]').focus();
  await pressAt(page, 'KeyC', 'c', { ctrlKey: true });
  expect(await page.evaluate(focused)).toBe('01C');
  expect(open.sent()).toEqual([]);
  expect(open.faults).toEqual([]);
});

test('J and K move in the list, G goes to it, N to the box and ? to the shortcuts, on every keyboard, until they are switched off', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  await page.locator('[name=urgency]').or(page.locator('fieldset.urgency input')).first().focus();
  await page.keyboard.press('g');
  expect(await page.evaluate(focused)).toBe('01C');
  await pressAt(page, 'KeyJ', 'ت');
  expect(await page.evaluate(focused)).toBe('01D');
  await pressAt(page, 'KeyK', 'ن');
  expect(await page.evaluate(focused)).toBe('01C');
  await page.keyboard.press('n');
  expect(await page.evaluate('document.activeElement?.tagName')).toBe('TEXTAREA');
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.press('?');
  await page.locator('.shortcuts input').uncheck();
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.type('jkgn?');
  expect(await page.locator('.composer textarea').inputValue()).toBe('jkgn?');
  await page.reload();
  await poll(() => page.locator('.shortcuts input').isChecked()).toBe(false);
  expect(open.sent()).toEqual([]);
});

test('F6 goes from the box to the newest line and back, whatever the box holds, and the desk shows that key', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  await page.keyboard.type('Half a line');
  await page.keyboard.press('F6');
  expect(await page.evaluate(focused)).toBe('01C');
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate(focused)).toBe('01D');
  await page.keyboard.press('F6');
  await page.keyboard.type(' more');
  expect(await page.locator('.composer textarea').inputValue()).toBe('Half a line more');
  const shown = await page.locator('kbd:visible').allTextContents();
  expect(shown).toEqual(expect.arrayContaining(['F6', 'F2', 'Delete', 'Enter', '?']));
  expect(open.sent()).toEqual([]);
});

test('Enter opens the actions of a line, the arrows choose one, and two Enters or a held one change nothing', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.press('Enter');
  expect(await page.evaluate(focused)).toContain('correct');
  await page.keyboard.press('ArrowRight');
  expect(await page.evaluate(focused)).toContain('hide');
  await pressAt(page, 'Enter', 'Enter', { repeat: true });
  await page.keyboard.down('Enter');
  await page.keyboard.down('Enter');
  await page.keyboard.down('Enter');
  await page.keyboard.up('Enter');
  await poll(open.sent).toEqual(['POST /v1/items/01C/withhold {}']);
  await page.locator('[data-id="01D"]').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.locator('[data-id="01D"] form').waitFor();
  await page.keyboard.press('Escape');
  expect(await page.evaluate(focused)).toBe('01D');
  expect(open.sent()).toHaveLength(1);
});

test('Delete hides the focused line, Backspace does not, and Undo stands in its row until the next action or for 20 s', async () => {
  const desk = twoLines();
  await using open = await openWith(desk);
  const { page } = open;
  await page.clock.install();
  const undo = page.locator('[data-id="01C"] .undo-hide');
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Delete');
  await undo.waitFor();
  expect(open.sent()).toEqual(['POST /v1/items/01C/withhold {}']);
  expect(await page.locator('.list > [role=status]').textContent()).toBe('Hidden: Out. Ctrl+Z shows it again.');
  expect(await page.evaluate(focused)).toBe('01C');
  // As with Caps Lock.
  await page.keyboard.press('Control+Z');
  await poll(() => open.sent().at(-1)).toBe('POST /v1/items/01C/release {}');
  // A row that waits for an answer is busy, and ignores the next press.
  await page.locator('[data-id="01C"] button.hide:not([aria-disabled=true])').waitFor();
  await page.keyboard.press('Delete');
  await undo.waitFor();
  // Its timer may start a frame after it is shown.
  await poll(async () => {
    await page.clock.fastForward(20_000);
    return undo.count();
  }).toBe(0);
  expect(await page.locator('[data-id="01C"] button.show').count()).toBe(1);
  // The next action ends it as well. Pressed with a key: since the clock's jump the desk says that nothing has come from the
  // server, which moves the rows, and a click on a row that has just moved is ignored.
  await page.keyboard.press('j');
  await page.keyboard.press('Delete');
  await page.locator('[data-id="01D"] .undo-hide').waitFor();
  await page.locator('[data-id="01C"] button.show').press('Enter');
  await page.locator('.undo-hide').waitFor({ state: 'detached' });
});

test('Ctrl+Z shows no line while the list is out of sight behind the audit trail', async () => {
  const desk = twoLines();
  desk.answer = () => {
    desk.items = [deskItem('01C', 'withheld', { headline: 'Ten' }, { version: 4 })];
    return { status: 200, body: { id: '01C', version: 4, state: 'withheld' } };
  };
  await using open = await openWith(desk);
  const { page } = open;
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.press('Delete');
  await page.locator('.undo-hide').waitFor();
  await page.locator('.menu summary').click();
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.locator('.audit').waitFor();
  await page.keyboard.press('Control+z');
  await page.goBack();
  await page.locator('.undo-hide').waitFor();
  expect(open.sent()).toHaveLength(1);
  await page.keyboard.press('Control+z');
  await poll(open.sent).toHaveLength(2);
});

test('a line is corrected with F2, the text, Tab, the note and Ctrl+Enter, and what is typed then is the next line', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  await page.locator('[data-id="01C"]').focus();
  await page.keyboard.press('F2');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Eleven');
  await page.keyboard.press('Tab');
  await page.keyboard.type('It is eleven.');
  // Enter belongs to the text.
  await page.keyboard.press('Enter');
  expect(open.sent()).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await page.keyboard.type('The next line');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('"note":"It is eleven."');
  await page.locator('.item form').waitFor({ state: 'detached' });
  expect(await page.locator('.composer textarea').inputValue()).toBe('The next line');
});

test('a retraction needs a typed reason and Ctrl+Enter', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  await page.locator('[data-id="01C"] button.retract').click();
  await page.keyboard.press('Control+Enter');
  await page.keyboard.type('hoax');
  await page.keyboard.press('Enter');
  expect(open.sent()).toEqual([]);
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(open.sent()[0]).toContain('POST /v1/items/01C/retract {"reason":"hoax"');
  expect(await page.evaluate('document.activeElement?.tagName')).toBe('TEXTAREA');
});

test('the row takes the focus when a form in it closes, and no focus that was elsewhere', async () => {
  await using open = await openWith(twoLines());
  const { page } = open;
  await page.locator('[data-id="01C"] button.correct').click();
  await page.locator('[data-id="01C"] .actions button').last().click();
  expect(await page.evaluate(focused)).toBe('01C');
  await page.locator('[data-id="01C"] button.hide').click();
  await page.locator('.undo-hide').waitFor();
  expect(await page.evaluate(focused)).toBe('01C');
});
