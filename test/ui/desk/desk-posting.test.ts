import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deskLanguages } from '../../../src/ui/desk/words/language.ts';
import type { Verbs } from '../../../src/ui/desk/words/words.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { axeViolations } from '../axe.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { type DeskPages, deskSecret, pastOneSlip, poll, pressAt, slip, startDeskPages } from './open-desk-page.ts';

let pages: DeskPages;

beforeAll(async () => {
  pages = await startDeskPages();
});

afterAll(() => pages[Symbol.asyncDispose]());

const line = 'AFP: The bridge opens tonight';
const sentLine = '"attribution":"AFP","headline":"The bridge opens tonight"';

describe('posting', () => {
  test('takes the text and two keys: Enter shows the line as readers will see it, Enter again sends it', async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk);
    const { page } = open;
    await page.keyboard.type(line);
    // Pressed twice at once: neither that nor a key that is held sends.
    await slip(page, '.review');
    expect(await page.locator('.surface.ticker .reads').textContent()).toBe(`Urgent ${line}`);
    expect(await page.locator('.surface.page .reads').textContent()).toBe(`Urgent ${line}`);
    await poll(() => page.locator('.review').textContent()).toContain('1,204 connections open now');
    expect(open.sent()).toEqual([]);
    await pastOneSlip(page);
    await pressAt(page, 'Enter', 'Enter', { repeat: true });
    await pressAt(page, 'Enter', 'Enter', { isComposing: true });
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
    ['ar', 'خبر طارئ إلى اتصال واحد مفتوح', 'خبر طارئ إلى اتصالين مفتوحين'],
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

  test('goes back to typing with Escape or with any change, and sends nothing', async () => {
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

  test('confirms a flash even for Ctrl+Enter: what it says, to how many, and how it differs from the last one', async () => {
    const desk = new FakeDesk();
    desk.items = [deskItem('01A', 'published', { headline: 'The bridge closes tonight', urgency: 'flash' })];
    await using open = await pages.open(desk);
    const { page } = open;
    await page.locator('[data-id="01A"]').waitFor();
    await page.keyboard.type(line);
    await pressAt(page, 'Digit1', '١', { altKey: true });
    await page.keyboard.press('Control+Enter');
    await page.locator('.review').waitFor();
    expect(await page.locator('.consequence').textContent()).toBe('Flash to 1,204 open connections');
    expect(await page.locator('.difference .before').textContent()).toBe('The bridge closes tonight');
    expect(await page.locator('.difference mark').allTextContents()).toEqual(['opens']);
    expect(await page.locator('.composer .primary').textContent()).toBe('Send the flash');
    expect(open.sent()).toEqual([]);
    await pastOneSlip(page);
    await page.keyboard.press('Control+Enter');
    await poll(open.sent).toHaveLength(1);
    expect(open.sent()[0]).toContain('"urgency":"flash"');
  });

  test('completes an agency that was used before, by Tab', async () => {
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

  test('files a line by keys alone, and remembers what the last one was filed under', async () => {
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
    await poll(() => page.locator('.offers [role=option]').allTextContents()).toEqual(['#harbour']);
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

  test('cleans what is pasted, and says how much of it nobody saw', async () => {
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

  test('sends times in the time zone of the edition, not in the browser`s, and a draft by Ctrl+S', async () => {
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

  test('warns and never stands in the way: a double of another edition, no source, a test word, a slot left open', async () => {
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
    await poll(open.sent).toHaveLength(1);
    await page.keyboard.type('Parliament votes');
    await page.keyboard.press('Enter');
    await poll(() => page.locator('.review .warnings').textContent()).toBe('No source. “AFP: …” names one.');
  });

  test('asks a person after twelve lines in a minute, and goes on when one says so', async () => {
    await using open = await pages.open(new FakeDesk());
    const { page } = open;
    for (let count = 1; count <= 12; count++) {
      await page.keyboard.type(`Line ${count}`);
      await page.keyboard.press('Control+Enter');
      await poll(open.sent).toHaveLength(count);
    }
    await page.keyboard.type('Line 13');
    await slip(page, '.fuse', { ctrlKey: true });
    await poll(() => page.locator('.fuse').textContent()).toBe('12 lines in a minute. Continue?');
    expect(open.sent()).toHaveLength(12);
    await pastOneSlip(page);
    await page.keyboard.press('Control+Enter');
    await poll(open.sent).toHaveLength(13);
  });
});

describe('undo', () => {
  const held = (by = 'Nour Haddad', change: object = {}) =>
    deskItem(
      '01H',
      'held',
      { headline: 'Going out' },
      { dueAt: Date.now() + 60_000, by: { keyId: 'x', name: by }, publishedVersion: null, ...change },
    );

  test('stands beside everything that is going out, with the name of who sends it', async () => {
    const desk = new FakeDesk();
    desk.items = [held('Luz Pardo')];
    await using open = await pages.open(desk);
    await poll(() => open.page.locator('.held .countdown').textContent()).toMatch(/^Luz Pardo: in (60|[1-5]\d) s$/);
    await open.page.locator('.held .undo').click();
    await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
    await poll(() => open.page.locator('.held .said').textContent()).toBe('Stopped: Going out');
    // It was not this person's line.
    expect(await open.page.locator('.composer textarea').inputValue()).toBe('');
  });

  test('is Escape in an empty box, for the newest one; a person gets their own line back', async () => {
    const desk = new FakeDesk();
    desk.items = [held(), deskItem('01G', 'held', { headline: 'Older' }, { dueAt: Date.now() + 60_000, updatedAt: 5 })];
    await using open = await pages.open(desk);
    await open.page.locator('.held li').first().waitFor();
    await open.page.keyboard.type('x');
    await open.page.keyboard.press('Escape');
    await open.page.keyboard.press('Backspace');
    expect(open.sent()).toEqual([]);
    // What is open is closed first.
    await open.page.locator('.menu summary').click();
    await open.page.locator('.composer textarea').focus();
    await open.page.keyboard.press('Escape');
    await poll(() => open.page.locator('.menu[open]').count()).toBe(0);
    expect(open.sent()).toEqual([]);
    await open.page.keyboard.press('Escape');
    await poll(open.sent).toEqual(['DELETE /v1/items/01H null']);
    await poll(() => open.page.locator('.composer textarea').inputValue()).toBe('Going out');
  });

  test('is there for a correction that is held, and for nothing that is out', async () => {
    const desk = new FakeDesk();
    desk.items = [
      held('Luz Pardo', { state: 'published', version: 4, publishedVersion: 3 }),
      deskItem('01P', 'published', { headline: 'Out' }, { dueAt: Date.now() - 1 }),
    ];
    await using open = await pages.open(desk);
    await open.page.locator('.held li').waitFor();
    expect(await open.page.locator('.held li').count()).toBe(1);
  });
});

describe('hide and retract', () => {
  const proof = (more: object) => ({
    version: 4,
    what: 'withheld',
    state: 'proven',
    targeted: 10_000,
    written: 9_990,
    caughtUp: 8,
    left: 2,
    waiting: 0,
    silent: [],
    latencyMs: { p50: 90, p99: 170, max: 180 },
    ...more,
  });

  test('show the clock, and what has been proven: how many connections it is off, in how many seconds', async () => {
    const desk = new FakeDesk();
    desk.items = [deskItem('01C', 'published', { headline: 'Out' })];
    desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
    desk.proofs = [proof({ state: 'partial', written: 4_000, waiting: 5_990 })];
    await using open = await pages.open(desk);
    const reach = open.page.locator('[data-id="01C"] .reach');
    await open.page.locator('button.hide').click();
    await poll(() => reach.textContent()).toContain('Off 4,008 of 10,000 connections');
    expect(await reach.getAttribute('class')).toContain('unproven');
    expect(await reach.textContent()).toContain('5,990 still wait');
    expect(await reach.textContent()).toContain('NOT PROVEN');
    desk.proofs = [proof({})];
    await poll(() => reach.textContent()).toMatch(
      /^Off 9,998 of 10,000 connections in 0.18 s2 had leftproven\d+\.\d\d s$/,
    );
    const stands = await reach.textContent();
    await open.page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 200)));
    expect(await reach.textContent()).toBe(stands);
  });

  test('call nothing proven while a process is silent or nobody has reported', async () => {
    const desk = new FakeDesk();
    desk.items = [
      deskItem('01C', 'published', { headline: 'Out' }, { reach: proof({ state: 'partial', silent: ['p2'] }) }),
    ];
    await using open = await pages.open(desk);
    const reach = open.page.locator('[data-id="01C"] .reach');
    await poll(() => reach.textContent()).toContain('1 process has not reportedNOT PROVEN');
    const lastHeardAt = new Date().toISOString();
    const silentProcesses = [{ process: 'p2', readers: 10_000, lastHeardAt }];
    desk.items = [
      deskItem(
        '01C',
        'published',
        { headline: 'Out' },
        { reach: proof({ state: 'partial', silent: ['p2'], silentProcesses }) },
      ),
    ];
    await poll(() => reach.textContent()).toMatch(
      /not reportedconnections at their last report, [\d:]{8}: 10,000NOT PROVEN/,
    );
    desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
    await open.page.locator('button.hide').click();
    await poll(() => reach.textContent()).toMatch(/^\d+\.\d\d sNOT PROVEN$/);
  });

  test('retract takes the translations along, and can open the box for the replacement', async () => {
    const desk = new FakeDesk();
    const translations = [{ id: '01T', edition: 'ar', version: 1, state: 'published', of: 2 }];
    desk.items = [deskItem('01C', 'published', { headline: 'Out' }, { translations })];
    desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
    await using open = await pages.open(desk);
    const { page } = open;
    await poll(() => page.locator('.family').textContent()).toBe('ar still has version 2');
    await page.locator('button.retract').click();
    await page.locator('[name=reason]').fill('Wrong');
    await page.getByRole('button', { name: 'Retract, then write the replacement' }).click();
    await poll(() => open.sent().length).toBe(2);
    expect(
      open
        .sent()
        .map((sent) => sent.slice(0, 30))
        .toSorted(),
    ).toEqual(['POST /v1/items/01C/retract {"r', 'POST /v1/items/01T/retract {"r']);
    expect(open.sent().find((sent) => sent.includes('01T'))).toMatch(/سُحب|سحب/);
    await page.locator('.replaces').waitFor();
    await page.locator('.composer textarea').fill('AFP: What is right');
    await page.locator('.composer textarea').focus();
    await page.keyboard.press('Control+Enter');
    await poll(() => open.sent().at(-1)).toContain('"replaces":"01C"');
  });
});

describe('two people and one line', () => {
  test('stand side by side, and the later one does not win by being later', async () => {
    const desk = new FakeDesk();
    desk.items = [deskItem('01C', 'published', { headline: 'Ten minutes' })];
    const theirs = deskItem(
      '01C',
      'published',
      { headline: 'Twelve minutes' },
      { version: 4, by: { name: 'Luz Pardo' } },
    );
    desk.item = theirs;
    desk.answer = ({ headers }) =>
      headers['if-match'] === '"4"'
        ? { status: 200, body: { id: '01C', version: 5, state: 'published' } }
        : { status: 412, body: { title: 'Another version', status: 412 } };
    await using open = await pages.open(desk);
    const { page } = open;
    await page.locator('button.correct').click();
    await page.locator('.item textarea').fill('Eleven minutes');
    await page.locator('[name=note]').fill('It is eleven.');
    await page.locator('[name=note]').press('Control+Enter');
    await page.locator('.conflict').waitFor();
    expect(await page.locator('.conflict').textContent()).toContain(
      'Luz Pardo has changed it in the meantime (version 4)',
    );
    expect(await page.locator('.sides .text').allTextContents()).toEqual(['Twelve minutes', 'Eleven minutes']);
    await page.getByRole('button', { name: 'Replace theirs with yours' }).click();
    await poll(() => open.sent().length).toBe(2);
    expect(desk.requests.at(-1)?.headers['if-match']).toBe('"4"');
  });

  test('a translation is posted from the original in one step, linked to the version that was read', async () => {
    const desk = new FakeDesk();
    const body = { headline: 'The bridge opens', sections: ['politics'], urgency: 'flash' };
    desk.items = [deskItem('01C', 'published', body)];
    await using open = await pages.open(desk);
    const { page } = open;
    await page.locator('[data-id="01C"]').focus();
    await page.keyboard.press('t');
    const box = page.locator('.translate textarea');
    expect(await box.getAttribute('dir')).toBe('rtl');
    await box.fill('أ ف ب: الجسر يُفتح');
    await box.press('Control+Enter');
    await poll(() => open.sent().length).toBe(1);
    expect(JSON.stringify(desk.requests.at(-1)?.body)).toBe(
      JSON.stringify({
        edition: 'ar',
        attribution: 'أ ف ب',
        headline: 'الجسر يُفتح',
        urgency: 'flash',
        sections: ['politics'],
        regions: [],
        topics: [],
        translationOf: { id: '01C', version: 3 },
        holdSeconds: 3,
      }),
    );
  });

  test('a translation says that its original has moved on, or was taken back', async () => {
    const desk = new FakeDesk();
    const body = { headline: 'El puente', translationOf: { id: '01O', version: 1 } };
    const original = { id: '01O', edition: 'ar', version: 2, state: 'published', of: null };
    desk.items = [deskItem('01C', 'published', body, { original })];
    await using open = await pages.open(desk);
    await poll(() => open.page.locator('.stale').textContent()).toBe('The original is at version 2 now');
    desk.items = [deskItem('01C', 'published', body, { original: { ...original, state: 'retracted' } })];
    await poll(() => open.page.locator('.stale').textContent()).toBe('The original was retracted');
  });
});

describe('while nobody answers', () => {
  test('a line goes out by itself within half a minute, once, and is never sent behind a back later', async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk);
    const { page } = open;
    await page.clock.install();
    desk.isAway = true;
    await page.locator('.composer textarea').fill(line);
    await page.keyboard.press('Control+Enter');
    await page.clock.runFor(1_000);
    await poll(() => page.locator('.outgoing .sending').count()).toBe(1);
    // Real time goes on as well, and after thirty seconds in all the desk gives up.
    for (let turn = 0; turn < 8; turn++) await page.clock.runFor(2_000);
    desk.isAway = false;
    await page.clock.runFor(4_000);
    await poll(open.sent).toHaveLength(1);
    await poll(() => page.locator('.outgoing li').count()).toBe(0);
    await page.clock.runFor(60_000);
    expect(open.sent()).toHaveLength(1);
  });

  test('after that it is a draft that says so and waits for a person, whatever happens to the tab', async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk);
    const { page } = open;
    await page.clock.install();
    desk.isAway = true;
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
    expect(await page.locator('.outgoing .state').textContent()).toMatch(/^Not sent at \d\d:\d\d$/);
    // Five minutes later the server is back; the line waits.
    desk.isAway = false;
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

  test('a line that is refused is never lost: it comes back into the box, and survives a session that ends', async () => {
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
    await poll(() => page.locator('.composer textarea').inputValue()).toBe(line);
  });

  test('a line that is refused while the next one is being written waits beside it, with what was wrong', async () => {
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

  test('the desk says what stands and what does not: no answer, no log, no proof', async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk);
    const service = open.page.locator('.service');
    await poll(() => service.textContent()).toMatch(/^Delivery proven [45] s ago1,204 connected$/);
    desk.status = { readers: { en: 3 }, provenAgoMs: 90_000 };
    await poll(() => service.getAttribute('class')).toBe('service doubtful');
    expect(await service.textContent()).toBe('Delivery is not proven3 connected');
    desk.isAway = true;
    await poll(() => service.textContent()).toContain('Published lines stay published');
    expect(await service.getAttribute('role')).toBe('alert');
  });

  test('what stands in the box survives a closed tab', async () => {
    await using open = await pages.open(new FakeDesk());
    await open.page.keyboard.type('Half a li');
    await open.page.reload();
    await poll(() => open.page.locator('.composer textarea').inputValue()).toBe('Half a li');
  });
});

describe('the rehearsal', () => {
  test('shares no wording with what is live, in any language', () => {
    for (const { live, test } of deskLanguages.map((language) => stringsOf('desk', language))) {
      const of = (verbs: Verbs) => Object.values(verbs);
      const bare = (words: string) => words.replace(/^TEST[:.· ]*/, '').toLowerCase();
      for (const words of of(test)) expect(words).toMatch(/^TEST/);
      expect(
        of(test)
          .map(bare)
          .filter((words) => of(live).map(bare).includes(words)),
      ).toEqual([]);
      expect(Object.values(live).join(' ')).not.toContain('TEST');
    }
  });

  test('is another store behind other words in another colour, with TEST on every button', async () => {
    const desk = new FakeDesk();
    desk.items = [
      deskItem('01C', 'published', { headline: 'Out' }),
      deskItem('01H', 'held', { headline: 'x' }, { dueAt: Date.now() + 9e4 }),
    ];
    await using open = await pages.open(desk);
    const { page } = open;
    const colour = () =>
      page.locator('.composer .primary').evaluate((button) => getComputedStyle(button).backgroundColor);
    const live = await colour();
    await page.locator('.menu summary').click();
    await page.locator('.switch-over').click();
    await poll(() => page.locator('.test-bar').textContent()).toBe('TEST. Rehearsal: nothing here can reach a reader.');
    expect((await page.locator('.test-bar').boundingBox())?.width).toBe(await page.evaluate(() => innerWidth));
    expect(await colour()).not.toBe(live);
    await page.locator('.item button.correct').first().click();
    await page.locator('.composer textarea').fill('A missile is on its way');
    await page.locator('.composer textarea').press('Enter');
    const buttons = await page.locator('button:visible').allTextContents();
    expect(buttons.length).toBeGreaterThan(8);
    expect(buttons.filter((button) => !button.startsWith('TEST') && !button.includes('×'))).toEqual([]);
    await pastOneSlip(page);
    await page.locator('.composer textarea').press('Enter');
    await poll(() => open.sent().length).toBe(1);
    expect(open.sent()[0]).toMatch(/^POST \/v1\/test\/items /);
    // Back to what is live, and nothing of the rehearsal comes along.
    await page.locator('.menu summary').click();
    await page.locator('.switch-over').click();
    await page.locator('.test-bar').waitFor({ state: 'detached' });
    expect(await page.locator('.composer textarea').inputValue()).toBe('');
  });
});

describe('the page', () => {
  test('works by thumb at 390 px: post, correct, hide and retract without scrolling sideways', async () => {
    const desk = new FakeDesk();
    desk.items = [
      deskItem('01C', 'published', { headline: 'A line that is long enough to need a second row on a phone' }),
    ];
    desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
    await using open = await pages.open(desk, {
      viewport: { width: 390, height: 780 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = open;
    const small = await page
      .locator('button:visible')
      .evaluateAll((buttons) =>
        buttons.filter((button) => button.getBoundingClientRect().height < 43).map((button) => button.textContent),
      );
    expect(small).toEqual([]);
    await page.locator('.composer textarea').fill(line);
    await page.locator('.composer .primary').tap();
    await page.locator('.review').waitFor();
    await pastOneSlip(page);
    await page.locator('.composer .primary').tap();
    await poll(open.sent).toHaveLength(1);
    await page.locator('button.hide').tap();
    await poll(open.sent).toHaveLength(2);
    await page.locator('button.correct').tap();
    await page.locator('.item textarea').fill('AFP: Another line');
    await page.locator('[name=note]').fill('Why');
    await page.getByRole('button', { name: /^Send the correction/ }).tap();
    await poll(open.sent).toHaveLength(3);
    await page.locator('button.retract').tap();
    await page.locator('[name=reason]').fill('Why');
    await page.getByRole('button', { name: /^Retract permanently/ }).tap();
    await poll(open.sent).toHaveLength(4);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test('speaks English, Arabic and Spanish, remembers which, and turns round for Arabic', async () => {
    await using open = await pages.open(new FakeDesk(), { locale: 'es-ES' });
    const { page } = open;
    expect(await page.locator('h1').textContent()).toBe('Mesa');
    await page.locator('.menu summary').click();
    await page.locator('[name=language]').selectOption('ar');
    await poll(() => page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`)).toBe(
      'ar rtl',
    );
    await page.reload();
    await poll(() => page.locator('h1').textContent()).toBe('غرفة التحرير');
  });

  test('says on plain HTTP from elsewhere why that will not do, in one sentence', async () => {
    const { isReadableOnTheWay } = await import('../../../src/ui/desk/page/sign-in.tsx');
    expect(isReadableOnTheWay({ protocol: 'http:', hostname: '10.0.0.7' })).toBe(true);
    for (const hostname of ['localhost', 'desk.localhost', '127.0.0.1', '127.3.2.1', '[::1]'])
      expect(isReadableOnTheWay({ protocol: 'http:', hostname })).toBe(false);
    expect(isReadableOnTheWay({ protocol: 'https:', hostname: 'desk.example' })).toBe(false);
  });

  test.each(['en', 'ar', 'es'])(
    'has no accessibility violation that axe can find, in %s, light or dark, live or in rehearsal',
    async (language) => {
      const desk = new FakeDesk();
      desk.items = [
        deskItem('01H', 'held', { headline: 'Going out' }, { dueAt: Date.now() + 90_000 }),
        deskItem(
          '01C',
          'published',
          { headline: 'Out', urgency: 'flash' },
          { reach: { state: 'partial', targeted: 3, written: 1, waiting: 2, silent: ['x'] } },
        ),
        deskItem('01D', 'withheld', { headline: 'Hidden' }),
        deskItem('01F', 'retracted', { headline: 'Gone' }),
      ];
      desk.stop = { stopped: true, by: 'Luz Pardo', at: '2026-03-01T10:00:00.000Z' };
      await using open = await pages.open(desk, { locale: language });
      const { page } = open;
      await page.locator('.stop.on').waitFor();
      await page.locator('[data-id="01C"] button.retract').click();
      await page.locator('[data-id="01F"]').focus();
      await page.locator('.shortcuts summary').click();
      await page.locator('.composer textarea').fill('test: the bridge');
      await page.locator('.composer textarea').press('Enter');
      await page.locator('.review').waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeViolations(page), colorScheme).toEqual([]);
      }
      await page.locator('.menu summary').click();
      expect(await axeViolations(page), 'menu').toEqual([]);
      await page.locator('.switch-over').click();
      await page.locator('.test-bar').waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeViolations(page), `rehearsal ${colorScheme}`).toEqual([]);
      }
    },
  );
});
