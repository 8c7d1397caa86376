import type { Request } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { createDeskPage } from '../../../src/ui/server/desk-page.ts';
import type { Pages } from '../../../src/ui/server/pages.ts';
import { FakeFeed } from '../../client/fake-feed.ts';
import { site, siteEdition } from '../../resources/site.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';

const api = openApiOf(site, '0.0.0');

const built = useBuiltPages();
let page: Pages;

beforeAll(() => {
  page = createDeskPage({ publicDir: built.publicDir, site, api });
});

const secret = 'fw_good_0123456789abcdefghijklmnopqrstuvwxyz';

async function deskServer(desk: FakeDesk) {
  return FakeFeed.start((request, response) => {
    if (!page.handleRequest(request, response)) void desk.handle(request, response);
  });
}

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });

describe('the desk page', () => {
  test('the desk signs in by its link and leaves the key in no address', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    await poll(() => visited.page.locator('.who').textContent()).toBe('Nour Haddad editor');
    await poll(() => visited.page.url()).toBe(`${server.url}/desk/en`);
    expect(desk.requests[0]).toMatchObject({ method: 'POST', path: '/v1/session', body: { key: secret } });
    expect(await visited.page.locator('[name=edition] option').allTextContents()).toEqual(['English', 'العربية']);
    expect(visited.faults).toEqual([]);
  });

  test('the desk asks before a link replaces a session, and names both', async () => {
    const desk = new FakeDesk();
    desk.signedIn = true;
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk`);
    await poll(() => visited.page.locator('.who').textContent()).toBe('Nour Haddad editor');
    const asked: string[] = [];
    visited.page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    await visited.page.goto(`${server.url}/desk?1#key=${secret}`);
    await poll(() => visited.page.locator('.who').textContent()).toBe('Nour Haddad editor');
    expect(asked[0]).toMatch(/as Nour Haddad\..*as Sam Okafor /);
    expect(desk.requests).toEqual([]);
    await visited.page.goto(`${server.url}/desk?2#key=fw_evil_0`);
    await poll(() => visited.page.locator('.who').textContent()).toBe('Nour Haddad editor');
    expect(desk.requests).toEqual([]);
    // The same key again is no question.
    await visited.page.goto(`${server.url}/desk?3#key=fw_good_nour_0`);
    await poll(() => visited.page.locator('.who').textContent()).toBe('Nour Haddad editor');
    expect(asked).toHaveLength(1);
    await visited.page.goto(`${server.url}/desk?4#key=${secret}`);
    await poll(() => desk.requests.map(({ path }) => path)).toEqual(['/v1/session']);
    expect(asked).toHaveLength(2);
  });

  test('the desk asks before a link on a page of another site signs in, and names the owner of the key', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using other = await FakeFeed.start((_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<a rel="noreferrer" href="${server.url}/desk#key=${secret}">News</a>`);
    });
    await using visited = await visit(built.browser, other.url);
    const asked: string[] = [];
    visited.page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    await visited.page.locator('a').click();
    await visited.page.locator('input[type=password]').waitFor();
    expect(asked[0]).toContain('as Sam Okafor?');
    expect(desk.requests).toEqual([]);
    await visited.page.goto(other.url);
    await visited.page.locator('a').click();
    await visited.page.locator('.composer textarea').waitFor();
    expect(asked).toHaveLength(2);
  });

  test('the desk shows an edition that needs a key to an editor whose key may see it', async () => {
    const desk = new FakeDesk();
    desk.keyEditions = [siteEdition('vip', { name: 'Ministers', access: 'key' })];
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const names = visited.page.locator('[name=edition] option');
    await poll(() => names.allTextContents()).toEqual(['English', 'العربية', 'Ministers']);
    await visited.page.locator('[name=edition]').selectOption('vip');
    await visited.page.locator('.composer textarea').waitFor();
    expect(visited.faults).toEqual([]);
  });

  test('the desk signs in with a pasted key, and shows that a wrong one is wrong', async () => {
    await using server = await deskServer(new FakeDesk());
    await using visited = await visit(built.browser, `${server.url}/desk`);
    const key = visited.page.locator('input[type=password]');
    await key.fill('fw_evil_0');
    await key.press('Enter');
    await poll(() => visited.page.locator('.problem').textContent()).toContain('This key is not valid.');
    await key.fill(secret);
    await key.press('Enter');
    await visited.page.locator('textarea').waitFor();
  });

  test('Ctrl+Enter sends the line with its attribution split off', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const box = visited.page.locator('.composer textarea');
    await box.waitFor();
    await poll(() => box.evaluate((element) => element === document.activeElement)).toBe(true);
    await visited.page.keyboard.type('AFP: Talks end: no deal');
    await visited.page.keyboard.press('Control+Enter');
    await poll(() => visited.page.locator('.composer .said').textContent()).toBe('Out: AFP: Talks end: no deal');
    expect(await box.inputValue()).toBe('');
    const [, sent] = desk.requests;
    expect(sent).toMatchObject({ method: 'POST', path: '/v1/items', headers: { prefer: 'wait=5' } });
    expect(sent?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(sent?.body).toEqual({
      edition: 'en',
      attribution: 'AFP',
      headline: 'Talks end: no deal',
      urgency: 'urgent',
      sections: [],
      regions: [],
      topics: [],
      holdSeconds: 3,
    });
  });

  test('a refused line stays in the box with its fault, and the next attempt has the same idempotency key', async () => {
    const desk = new FakeDesk();
    const errors = [{ pointer: '/headline', code: 'bidi-override', detail: 'contains U+202E' }];
    desk.answer = () => ({
      status: 422,
      body: { type: 'x', title: 'Not a valid item.', status: 422, detail: '1 error', errors },
    });
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const box = visited.page.locator('.composer textarea');
    await box.fill('Some line');
    await box.press('Control+Enter');
    await poll(() => visited.page.locator('.problem li').allTextContents()).toEqual(['/headline contains U+202E']);
    expect(await box.inputValue()).toBe('Some line');
    await box.press('Control+Enter');
    await poll(() => desk.requests.length).toBe(3);
    expect(desk.requests[2]?.headers['idempotency-key']).toBe(desk.requests[1]?.headers['idempotency-key']);
    await box.fill('Another line');
    await box.press('Control+Enter');
    await poll(() => desk.requests.length).toBe(4);
    expect(desk.requests[3]?.headers['idempotency-key']).not.toBe(desk.requests[1]?.headers['idempotency-key']);
  });

  test('the same text sent again after an acceptance is another line', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const box = visited.page.locator('.composer textarea');
    for (const sent of [2, 3]) {
      await box.fill('Goal!');
      await box.press('Control+Enter');
      await poll(() => desk.requests.length).toBe(sent);
      await poll(() => visited.page.locator('.composer .said').textContent()).toBe('Out: Goal!');
    }
    const [, first, second] = desk.requests;
    expect(first?.body).toEqual(second?.body);
    expect(first?.headers['idempotency-key']).not.toBe(second?.headers['idempotency-key']);
  });

  test('a correction sends the whole item, for the version that the editor saw', async () => {
    const desk = new FakeDesk();
    desk.items = [
      deskItem('01B', 'published', {
        language: 'pt-BR',
        dir: 'rtl',
        attribution: 'AP: Lisbon',
        headline: 'Ten minutes',
        topics: ['talks'],
        expiresAt: '2026-09-01T00:00:59.500Z',
      }),
    ];
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const row = visited.page.locator('[data-id="01B"]');
    expect(await row.locator('.text').textContent()).toBe('AP: Lisbon: Ten minutes');
    expect(await row.locator('.about').textContent()).toContain('Nour Haddad');
    await row.locator('button.correct').click();
    desk.items = [deskItem('01B', 'published', { headline: 'Ten minutes' }, { version: 4 })];
    await row.locator('textarea').fill('AP: Eleven minutes');
    await row.locator('[name=note]').fill('It is eleven.');
    await row.getByRole('button', { name: /^Send the correction/ }).click();
    await poll(() => desk.requests.length).toBe(2);
    expect(desk.requests[1]).toMatchObject({ method: 'PUT', path: '/v1/items/01B', headers: { 'if-match': '"3"' } });
    expect(desk.requests[1]?.body).toEqual({
      edition: 'en',
      language: 'pt-BR',
      dir: 'rtl',
      attribution: 'AP',
      headline: 'Eleven minutes',
      urgency: 'urgent',
      sections: [],
      regions: [],
      topics: ['talks'],
      expiresAt: '2026-09-01T00:00:59.500Z',
      correction: { kind: 'corrected', note: 'It is eleven.' },
      holdSeconds: 3,
    });
  });

  test('the desk hides, shows again, retracts, publishes and cancels where the state allows it', async () => {
    const desk = new FakeDesk();
    desk.items = [
      deskItem('01C', 'published', { headline: 'Out' }),
      deskItem('01D', 'withheld', { headline: 'Hidden' }),
      deskItem('01E', 'draft', { headline: 'Not yet' }),
      deskItem('01F', 'retracted', { headline: 'Gone' }),
    ];
    desk.answer = () => ({ status: 200, body: { id: 'x', version: 4, state: 'published' } });
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    // A row that waits for an answer is busy, and ignores the next press.
    const button = (id: string, action: string) =>
      visited.page.locator(`[data-id="${id}"] button.${action}:not([aria-disabled=true])`);
    expect(await button('01C', 'hide').getAttribute('aria-label')).toBe('Hide: Out');
    // With the key: a click right after rows have moved is ignored.
    for (const [id, action] of [
      ['01C', 'hide'],
      ['01D', 'show'],
      ['01E', 'publish'],
      ['01E', 'cancel'],
      ['01C', 'retract'],
    ] as const)
      await button(id, action).press('Enter');
    await visited.page.locator('[name=reason]').fill('Wrong source');
    await visited.page.locator('[name=notice]').fill('A line of 10:00 was withdrawn.');
    await visited.page.locator('[name=notice]').press('Control+Enter');
    await poll(() => desk.requests.length).toBe(6);
    expect(
      desk.requests
        .slice(1)
        .map(({ method, path }) => `${method} ${path}`)
        .toSorted(),
    ).toEqual([
      'DELETE /v1/items/01E',
      'POST /v1/items/01C/retract',
      'POST /v1/items/01C/withhold',
      'POST /v1/items/01D/release',
      'POST /v1/items/01E/publish',
    ]);
    expect(desk.requests.find(({ path }) => path.endsWith('/retract'))?.body).toEqual({
      reason: 'Wrong source',
      notice: 'A line of 10:00 was withdrawn.',
    });
    expect(await visited.page.locator('[data-id="01F"] button').count()).toBe(0);
    expect(visited.faults).toEqual([]);
  });

  test('one press pulls STOP, the desk names who pulled it, and another press releases it', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const button = (name: RegExp) => visited.page.getByRole('button', { name });
    await button(/^STOP/).click();
    await poll(() => visited.page.locator('.stop.on').textContent()).toMatch(/^STOP, by Nour Haddad at \d\d:/);
    desk.stop = { stopped: false }; // somebody else lets it go
    await poll(() => visited.page.locator('.stop.on').count()).toBe(0);
    await button(/^STOP/).click();
    await button(/^Release STOP…/).click();
    await button(/^Release STOP$/).click();
    await poll(() => visited.page.locator('.stop.on').count()).toBe(0);
    const turned = desk.requests.filter(({ path }) => path === '/v1/stop').map(({ body }) => body);
    expect(turned).toEqual([{ stopped: true }, { stopped: true }, { stopped: false }]);
    expect(visited.faults).toEqual([]);
  });

  test('a late answer to an earlier request does not replace a newer one', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    const { page } = visited;
    const stop = page.getByRole('button', { name: /^STOP/ });
    await stop.waitFor();
    let deliver = () => {};
    const late = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    const asked = { early: null as Request | null, isOver: false };
    await page.route('**/v1/status', async (route) => {
      if (asked.isOver) return; // nothing comes after the late one
      if (asked.early) return route.continue();
      const response = await route.fetch();
      asked.early = route.request();
      await late;
      await route.fulfill({ response });
    });
    await stop.click();
    await page.locator('.stop.on').waitFor();
    await poll(() => asked.early).not.toBeNull();
    // A colleague releases before the answer to this desk's own question arrives.
    desk.stop = { stopped: false };
    await page.locator('.stop.on').waitFor({ state: 'detached' });
    asked.isOver = true;
    const arrived = page.waitForEvent('requestfinished', (request) => request === asked.early);
    deliver();
    await arrived;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(await page.locator('.stop.on').count()).toBe(0);
  });

  test('the desk returns to the sign-in when the key is revoked', async () => {
    const desk = new FakeDesk();
    await using server = await deskServer(desk);
    await using visited = await visit(built.browser, `${server.url}/desk#key=${secret}`);
    await visited.page.locator('.composer').waitFor();
    desk.signedIn = false;
    await visited.page.locator('.sign-in').waitFor({ timeout: 5_000 });
  });
});
