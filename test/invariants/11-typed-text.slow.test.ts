import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { until } from '../resources/flashwire.ts';
import { type DeskRequest, deskItem, FakeDesk } from '../ui/desk/fake-desk.ts';
import { useDeskPages } from '../ui/desk/open-desk-page.ts';
import { type TypedKey, textOf, typedText, typeKeys } from '../ui/desk/typing.ts';

const pages = useDeskPages();

/** FLASHWIRE_TYPED_TEXTS=2000 FLASHWIRE_TYPED_SEED=1 npx vitest run test/invariants/11-typed-text.slow.test.ts */
const texts = Number(process.env['FLASHWIRE_TYPED_TEXTS'] ?? 100);
const seed = Number(process.env['FLASHWIRE_TYPED_SEED'] ?? Date.now() % 1_000_000);

const lines = () => [
  deskItem('01H', 'held', { headline: 'Going out' }, { dueAt: Date.now() + 1e10, publishedVersion: null }),
  deskItem('01A', 'published', { headline: 'The port closes' }),
  deskItem('01B', 'published', { headline: 'A flash', urgency: 'flash' }),
  deskItem('01W', 'withheld', { headline: 'Hidden' }),
  deskItem('01D', 'draft', { headline: 'A draft' }, { publishedVersion: null }),
];

/** The state that a request brings about, as the real API would answer it. */
const stateAfter: Readonly<Record<string, string>> = {
  withhold: 'withheld',
  release: 'published',
  retract: 'retracted',
};

function answerOf(desk: FakeDesk) {
  return ({ method, path }: DeskRequest) => {
    const [, , , id = '', action = ''] = path.split('/');
    const state = stateAfter[action] ?? (method === 'DELETE' ? 'cancelled' : 'published');
    desk.items = desk.items.map((item) => (Object(item).id === id ? { ...item, state } : item));
    return { status: 200, body: { id: id || '01N', version: 4, state } };
  };
}

/** What an editor can have done last. Each leaves the focus where the desk leaves it. */
const actions: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  nothing: async () => undefined,
  'post a line': async (page) => {
    await page.locator('.composer textarea').fill('AFP: A line');
    await page.keyboard.press('Control+Enter');
  },
  'preview a flash': async (page) => {
    await page.locator('.composer textarea').fill('AFP: A line');
    await page.keyboard.press('Alt+Digit1');
    await page.keyboard.press('Enter');
  },
  'save a draft': async (page) => {
    await page.locator('.composer textarea').fill('A draft');
    await page.keyboard.press('Control+s');
  },
  'stop a line with Escape': (page) => page.locator('.composer textarea').press('Escape'),
  'send a correction': async (page) => {
    await page.locator('[data-id="01A"] button.correct').click();
    await page.locator('.item textarea').fill('The port reopens');
    await page.locator('.item [name=note]').fill('It does.');
    await page.keyboard.press('Control+Enter');
  },
  'close a correction with Escape': async (page) => {
    await page.locator('[data-id="01A"] button.correct').click();
    await page.keyboard.press('Escape');
  },
  'close a correction with its button': async (page) => {
    await page.locator('[data-id="01A"] button.correct').click();
    await page.locator('[data-id="01A"] .actions button').last().click();
  },
  'send a translation': async (page) => {
    await page.locator('[data-id="01A"] button.translate').click();
    await page.locator('.item textarea').fill('سطر');
    await page.keyboard.press('Control+Enter');
  },
  'hide a line': (page) => page.locator('[data-id="01A"] button.hide').click(),
  'show a line again': (page) => page.locator('[data-id="01W"] button.show').click(),
  'retract a line': async (page) => {
    await page.locator('[data-id="01A"] button.retract').click();
    await page.locator('[name=reason]').fill('Wrong');
    await page.keyboard.press('Control+Enter');
  },
  'open a retraction': (page) => page.locator('[data-id="01A"] button.retract').click(),
  'open the article': (page) => page.locator('[data-id="01A"] button.attach').click(),
  'publish a draft': (page) => page.locator('[data-id="01D"] button.publish').click(),
  'cancel a draft': (page) => page.locator('[data-id="01D"] button.cancel').click(),
  'edit a held line': (page) => page.locator('[data-id="01H"] button.correct').click(),
  'show a line again that was just hidden': async (page) => {
    await page.locator('[data-id="01A"] button.hide').click();
    await page.locator('.undo-hide').click();
  },
  'stop everything': (page) => page.locator('.stop button').click(),
  'undo a held line': (page) => page.locator('section.held .undo').click(),
  'click on the white of a row': (page) => page.locator('[data-id="01A"]').click({ position: { x: 4, y: 4 } }),
  'move in the list': async (page) => {
    await page.locator('[data-id="01H"]').focus();
    await page.keyboard.press('j');
  },
  'open the menu': (page) => page.locator('.menu summary').click(),
  'search the list': (page) => page.locator('[name=search]').fill('o'),
  'choose a filter': (page) => page.locator('[name=filter]').selectOption('out'),
  'open the shortcuts': (page) => page.locator('.shortcuts summary').click(),
};

/** A desk as after a reload, in a tenth of the time: another edition, and back. */
async function startAgain(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const open of document.querySelectorAll('details[open]')) open.removeAttribute('open');
  });
  await page.locator('[name=edition]').selectOption('ar');
  await page.locator('.composer textarea:lang(ar)').waitFor();
  await page.evaluate(() => localStorage.clear());
  await page.locator('[name=edition]').selectOption('en');
}

/** Moves the focus to one of all places that can have it; `at` is a share of them, null leaves it. */
const focusAt = (page: Page, at: number | null) =>
  page.evaluate((share) => {
    if (share === null) return 'as it was left';
    const all = [
      ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]'),
    ];
    const places = [null, ...all.filter((element) => element.checkVisibility())];
    const place = places[Math.floor(share * places.length)] ?? null;
    if (place) place.focus();
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    return place
      ? `${place.tagName} ${place.className} ${place.getAttribute('name') ?? ''} ${place.textContent?.slice(0, 20)}`
      : 'the page';
  }, at);

test(
  'text that is typed changes no item, after any action and wherever the focus is',
  async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk, { viewport: { width: 1_280, height: 2_400 } });
    const { page } = open;
    const session = await page.context().newCDPSession(page);
    await page.clock.install();
    const pending = new Set<unknown>();
    page.on('request', (request) => request.method() !== 'GET' && pending.add(request));
    page.on('requestfinished', (request) => pending.delete(request));
    page.on('requestfailed', (request) => pending.delete(request));
    const quiet = async () => {
      // What a press has changed is drawn, and asked for.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await until(() => pending.size === 0, 10_000, 'every request is answered');
    };
    const run = async (action: string, at: number | null, text: readonly TypedKey[], pauseMs: number) => {
      desk.items = lines();
      desk.stop = { stopped: false };
      desk.answer = answerOf(desk);
      await startAgain(page);
      await page.locator('[data-id="01D"]').waitFor();
      await actions[action]?.(page);
      await quiet();
      const focus = await focusAt(page, at);
      const before = open.sent().length;
      const half = Math.ceil(text.length / 2);
      await typeKeys(session, text.slice(0, half));
      await page.clock.fastForward(pauseMs);
      await typeKeys(session, text.slice(half));
      await quiet();
      expect({ focus, sent: open.sent().slice(before) }).toEqual({ focus, sent: [] });
    };
    const began = performance.now();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(actions)),
        fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        typedText.map((keys) => Object.assign([...keys], { [fc.toStringMethod]: () => JSON.stringify(textOf(keys)) })),
        fc.integer({ min: 1, max: 30_000 }),
        run,
      ),
      { numRuns: texts, seed },
    );
    console.info(`${texts} texts with seed ${seed} in ${Math.round((performance.now() - began) / 1_000)} s`);
  },
  texts * 4_000 + 60_000,
);
