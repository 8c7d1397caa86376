import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();
const texts = (page: Page) => page.locator('.item .text').allTextContents();
const changed = (item: object) => ({ edition: 'en', now: Date.now(), item });
const line = (id: string, headline: string, change: object = {}, state = 'published') =>
  deskItem(id, state, { headline }, { acceptedAt: Number.parseInt(id, 10) * 1_000, ...change });

describe('the list', () => {
  test('the list of the desk follows the stream: new lines on top, changed ones in their place, and no request for a list', async () => {
    const desk = new FakeDesk();
    desk.items = [line('02B', 'Second'), line('01A', 'First')];
    await using open = await pages.open(desk);
    const lists: string[] = [];
    open.page.on('request', (request) => void (request.url().includes('/v1/items') && lists.push(request.url())));
    await poll(() => texts(open.page)).toEqual(['Second', 'First']);
    desk.say('item', changed(line('03C', 'Third')));
    desk.say('item', changed(line('01A', 'First, corrected')));
    await poll(() => texts(open.page)).toEqual(['Third', 'Second', 'First, corrected']);
    desk.say('item', { ...changed(deskItem('09X', 'published', { headline: 'Arabic' })), edition: 'ar' });
    desk.say('item', changed(line('04D', 'Fourth')));
    await poll(() => texts(open.page)).toEqual(['Fourth', 'Third', 'Second', 'First, corrected']);
    expect(lists).toEqual([]);
    expect(open.faults).toEqual([]);
  });

  test('of some states is requested once and then follows the stream', async () => {
    const desk = new FakeDesk();
    desk.items = [line('02B', 'Draft', {}, 'draft')];
    await using open = await pages.open(desk);
    await open.page.locator('[name=filter]').selectOption('drafts');
    await poll(() => texts(open.page)).toEqual(['Draft']);
    desk.say('item', changed(line('03C', 'Another draft', {}, 'draft')));
    desk.say('item', changed(line('04D', 'Out')));
    await poll(() => texts(open.page)).toEqual(['Another draft', 'Draft']);
    desk.say('item', changed(line('02B', 'Draft', {}, 'published')));
    await poll(() => texts(open.page)).toEqual(['Another draft']);
  });

  test('the list of the desk starts again with a snapshot after the stream has ended', async () => {
    const desk = new FakeDesk();
    desk.items = [line('01A', 'First')];
    await using open = await pages.open(desk);
    await poll(() => texts(open.page)).toEqual(['First']);
    await poll(() => desk.streams).toBe(1);
    desk.endStreams();
    desk.items = [line('02B', 'Missed meanwhile'), line('01A', 'First')];
    await poll(() => texts(open.page)).toEqual(['Missed meanwhile', 'First']);
    expect(await open.page.locator('.service.broken').count()).toBe(0);
  });

  test('the list of the desk says since when it may be out of date after 12 s of silence', async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk);
    const { page } = open;
    await page.locator('.service.fine').waitFor();
    await page.clock.install();
    // Real time goes on as well.
    await page.clock.fastForward(8_000);
    expect(await page.locator('.service.broken').count()).toBe(0);
    await page.clock.fastForward(6_000);
    await poll(() => page.locator('.service .silent').textContent()).toMatch(
      /^Nothing has come from the server since \d\d:\d\d:\d\d UTC\. The list may be out of date\.$/,
    );
    await page.clock.setSystemTime(Date.now());
    desk.say('beat', { now: Date.now() });
    await page.clock.fastForward(1_000);
    await poll(() => page.locator('.service .silent').count()).toBe(0);
  });
});

describe('the windows of one browser', () => {
  test('the windows of one browser share one stream over HTTP/1.1, STOP in the seventh gets a connection within a second, and closing the first stops none', async () => {
    const desk = new FakeDesk();
    desk.items = [line('01A', 'First')];
    await using open = await pages.open(desk);
    const context = open.page.context();
    const others: Page[] = [];
    for (let count = 0; count < 6; count++) {
      const page = await context.newPage();
      await page.goto(`${open.url}/desk`);
      await poll(() => texts(page)).toEqual(['First']);
      others.push(page);
    }
    expect(desk.streams).toBe(1);
    const seventh = others.at(-1) ?? open.page;
    await seventh.getByRole('button', { name: /^STOP/ }).click();
    await seventh.locator('.stop.on').waitFor();
    // From the press until a connection was free for the request. A busy machine delays what comes after it.
    const waited = () =>
      seventh.evaluate(() => {
        const entries = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/v1/stop'));
        const [last] = entries.slice(-1) as PerformanceResourceTiming[];
        return last ? last.requestStart - last.startTime : Number.POSITIVE_INFINITY;
      });
    await poll(waited).toBeLessThan(1_000);
    for (const page of [open.page, ...others]) await page.locator('.stop.on').waitFor();
    await open.page.close();
    desk.say('item', changed(line('02B', 'Second')));
    for (const page of others) await poll(() => texts(page)).toEqual(['Second', 'First']);
    expect(desk.streams).toBe(1);
  });

  test('the windows of one browser have a stream each where there are no shared workers', async () => {
    const desk = new FakeDesk();
    desk.items = [line('01A', 'First')];
    await using open = await pages.open(desk);
    const page = await open.page.context().newPage();
    await page.addInitScript('delete window.SharedWorker');
    await page.goto(`${open.url}/desk`);
    await poll(() => texts(page)).toEqual(['First']);
    expect(desk.streams).toBe(2);
    desk.say('item', changed(line('02B', 'Second')));
    await poll(() => texts(page)).toEqual(['Second', 'First']);
  });

  test('the windows of one browser follow the stream themselves where the worker does not start', async () => {
    const desk = new FakeDesk();
    desk.items = [line('01A', 'First')];
    await using open = await pages.open(desk);
    await open.page.close();
    const page = await open.page.context().newPage();
    await page.addInitScript(`
      const Real = window.SharedWorker;
      window.SharedWorker = class { constructor(_, options) { return new Real('data:text/javascript,', options); } };
    `);
    await page.goto(`${open.url}/desk`);
    await poll(() => texts(page)).toEqual(['First']);
  });
});

describe('colleagues', () => {
  test('at the desk are named in the header, without oneself', async () => {
    const desk = new FakeDesk();
    desk.present = [
      { name: 'Nour Haddad', since: 1 },
      { name: 'Luz Pardo', since: 2 },
    ];
    await using open = await pages.open(desk);
    await poll(() => open.page.locator('.presence').textContent()).toBe('Here now: Luz Pardo');
    desk.say('presence', { edition: 'en', editors: [{ name: 'Nour Haddad', since: 1 }] });
    await poll(() => open.page.locator('.presence').count()).toBe(0);
  });

  test('colleagues are heard when their flash goes out, once, and only where an editor has switched the sound on', async () => {
    const desk = new FakeDesk();
    await using open = await pages.open(desk);
    const { page } = open;
    await poll(() => desk.streams).toBe(1);
    await page.evaluate(() => {
      let sounds = 0;
      Object.defineProperty(window, 'sounds', { get: () => sounds });
      class Silent {
        constructor() {
          sounds += 1;
        }
        currentTime = 0;
        createGain = () => ({ gain: {}, connect: () => undefined });
        createOscillator = () => ({
          frequency: {},
          connect: () => undefined,
          start: () => undefined,
          stop: () => undefined,
        });
        close = async () => undefined;
      }
      Object.assign(window, { AudioContext: Silent });
    });
    const sounds = () => page.evaluate(() => Object(window).sounds as number);
    const flash = (id: string, by: string) =>
      desk.say('item', {
        ...changed(
          deskItem(
            id,
            'published',
            { headline: id, urgency: 'flash' },
            { by: { keyId: by, name: by }, publishedAt: Date.now() + 60_000 },
          ),
        ),
      });
    flash('02B', 'Luz Pardo');
    await page.locator('[data-id="02B"]').waitFor();
    expect(await sounds()).toBe(0);
    await page.locator('.menu summary').click();
    await page.getByRole('checkbox', { name: "Sound for a colleague's flash" }).check();
    await poll(sounds).toBe(1); // a sample
    flash('03C', 'Luz Pardo');
    flash('03C', 'Luz Pardo');
    flash('04D', 'Nour Haddad');
    await page.locator('[data-id="04D"]').waitFor();
    expect(await sounds()).toBe(2);
    await page.reload();
    await page.locator('.menu summary').click();
    expect(await page.getByRole('checkbox', { name: "Sound for a colleague's flash" }).isChecked()).toBe(true);
  });
});
