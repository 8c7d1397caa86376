import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { startBrowser, type Visit, visit } from '../ui/browser.ts';

/** Two desks and a reader, each in a browser of its own. Each race runs in both orders. */
const browsers: Browser[] = [];
let all: Running;
let nour: Visit;
let luz: Visit;
let reader: Visit;
/** Nour's key. */
let nourKey: string;

beforeAll(async () => {
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix(), FLASHWIRE_POST_RATE: '6000' };
  all = await startFlashwire('all', env);
  const keyOf = async (name: string) =>
    String((await desk(all.url, 'POST', '/v1/keys', { name, role: 'editor' })).body['token']);
  const open = async (path: string) => {
    const browser = await startBrowser();
    browsers.push(browser);
    return visit(browser, `${all.url}${path}`, { viewport: { width: 1_280, height: 1_600 } });
  };
  nourKey = await keyOf('Nour');
  const luzKey = await keyOf('Luz');
  [nour, luz, reader] = await Promise.all([
    open(`/desk#key=${nourKey}`),
    open(`/desk#key=${luzKey}`),
    open('/live/en'),
  ]);
  await Promise.all([nour, luz].map(({ page }) => page.locator('.composer textarea').waitFor()));
});

afterAll(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  await all[Symbol.asyncDispose]();
});

interface Item {
  readonly id: string;
  readonly version: number;
  readonly state: string;
  readonly body: { readonly headline: string };
}

const itemsOf = async () => (await desk(all.url, 'GET', '/v1/items?edition=en&limit=100')).body['items'] as Item[];
const find = async (headline: string) => (await itemsOf()).find(({ body }) => body.headline === headline);
const inState = (headline: string, state: string) =>
  until(async () => (await find(headline))?.state === state, 15_000, `${headline} is ${state}`);
const rowOf = ({ page }: Visit, headline: string) => page.locator('.items > li', { hasText: headline });
const boxOf = ({ page }: Visit) => page.locator('.composer textarea');
const unsentOf = ({ page }: Visit, headline: string) => page.locator('.outgoing .stopped', { hasText: headline });
const feed = async () => (await fetch(`${all.url}/v1/feed.json?edition=en&limit=50`)).text();

/** A line of Nour's, held for so long that the test decides when it goes out, or for one second. */
async function held(headline: string, holdSeconds = 30): Promise<string> {
  const { body } = await desk(
    all.url,
    'POST',
    '/v1/items',
    { edition: 'en', headline, holdSeconds },
    { authorization: `Bearer ${nourKey}` },
  );
  return String(body['id']);
}

const publish = (headline: string) =>
  desk(all.url, 'POST', '/v1/items', { edition: 'en', headline }, { prefer: 'wait=5' });

/** Every desk begins with the focus in an empty box, nothing unsent, and the pointer outside the list. */
async function settle(...desks: readonly Visit[]): Promise<void> {
  for (const { page } of desks) {
    await page.mouse.move(2, 2);
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.locator('.composer textarea').waitFor();
  }
}

/** Holds back the next request of a desk with this method until it is let go. */
async function hold(page: Page, method: string): Promise<() => void> {
  let letGo = () => {};
  const isFree = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let isFirst = true;
  await page.route('**/v1/items/*', async (route) => {
    if (isFirst && route.request().method() === method) {
      isFirst = false;
      await isFree;
    }
    await route.continue();
  });
  return () => {
    letGo();
  };
}

describe('D2: a click and a line of a colleague', () => {
  test.each(['the line comes first', 'the click comes first'])(
    'hides the line that was aimed at when %s',
    async (order) => {
      const [mine, theirs] = [`Aimed at, ${order}`, `Just in, ${order}`];
      await publish(mine);
      await settle(nour);
      const { page } = nour;
      const hide = rowOf(nour, mine).locator('button.hide');
      await hide.hover();
      const isFirst = order === 'the line comes first';
      if (isFirst) {
        await publish(theirs);
        await page.locator('.waiting button').waitFor();
      }
      await page.mouse.down();
      await page.mouse.up();
      if (!isFirst) await publish(theirs);
      await inState(mine, 'withheld');
      expect((await find(theirs))?.state).toBe('published');
      await reader.page.getByText(theirs).first().waitFor();
      await until(async () => (await reader.page.getByText(mine).count()) === 0, 15_000, 'the reader does not see it');
    },
  );
});

describe('D3: stopping a line', () => {
  test.each(['mine is newer', 'theirs is newer'])('Escape stops my own line only, when %s', async (order) => {
    const [mine, theirs] = [`Of Luz, ${order}`, `Of Nour, ${order}`];
    await settle(luz);
    const post = async () => {
      await boxOf(luz).fill(mine);
      // Held for longer than the desk holds a line, so that a slow machine decides nothing.
      await luz.page.route('**/v1/items', (route) =>
        route.request().method() === 'POST'
          ? route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), holdSeconds: 30 }) })
          : route.continue(),
      );
      await luz.page.keyboard.press('Control+Enter');
      await luz.page.locator('section.held li', { hasText: mine }).waitFor();
    };
    if (order === 'theirs is newer') await post();
    await held(theirs);
    if (order === 'mine is newer') await post();
    await luz.page.locator('section.held li', { hasText: theirs }).waitFor();
    await boxOf(luz).press('Escape');
    await inState(mine, 'cancelled');
    await boxOf(luz).press('Control+a');
    await boxOf(luz).press('Delete');
    await boxOf(luz).press('Escape');
    expect((await find(theirs))?.state).toBe('held');
    await luz.page.unroute('**/v1/items');
    await desk(all.url, 'DELETE', `/v1/items/${(await find(theirs))?.id}`);
  });

  test.each(['the colleague is first', 'I am first'])(
    'a line that both stop is stopped once and its text is kept, when %s',
    async (order) => {
      const headline = `Stopped by both, ${order}`;
      await settle(nour, luz);
      await held(headline);
      await Promise.all(
        [nour, luz].map(({ page }) => page.locator('section.held li', { hasText: headline }).waitFor()),
      );
      const theirs = luz.page.getByRole('button', { name: 'Stop Nour’s line', exact: true });
      const isMineFirst = order === 'I am first';
      const letGo = await hold((isMineFirst ? luz : nour).page, 'DELETE');
      await theirs.click();
      await boxOf(nour).press('Escape');
      await inState(headline, 'cancelled');
      letGo();
      if (isMineFirst) {
        await expect.poll(() => boxOf(nour).inputValue()).toBe(headline);
        await expect
          .poll(() => luz.page.locator('section.held .said').textContent())
          .toBe('It is not out. Nour has stopped it.');
      } else {
        await expect
          .poll(() => nour.page.locator('section.held .said').textContent())
          .toMatch(/^Luz stopped your line|^It is not out. Luz has stopped it.$/);
        await expect.poll(() => unsentOf(nour, headline).textContent()).toContain(`Stopped by Luz`);
        expect(await unsentOf(nour, headline).count()).toBe(1);
        expect(await boxOf(nour).inputValue()).toBe('');
      }
      expect(await feed()).not.toContain(headline);
      await Promise.all([nour, luz].map(({ page }) => page.unroute('**/v1/items/*')));
    },
  );

  test.each(['the line is out first', 'the stop is first'])(
    'a colleague who stops a line sees what became of it, when %s',
    async (order) => {
      const headline = `Stopped or out, ${order}`;
      await settle(luz);
      const isOutFirst = order === 'the line is out first';
      await held(headline, isOutFirst ? 3 : 30);
      const letGo = isOutFirst ? await hold(luz.page, 'DELETE') : () => {};
      await luz.page.getByRole('button', { name: 'Stop Nour’s line', exact: true }).click();
      await inState(headline, isOutFirst ? 'published' : 'cancelled');
      letGo();
      const said = isOutFirst ? 'It was already out.' : `Stopped: ${headline}`;
      await expect.poll(() => luz.page.locator('section.held .said').textContent()).toBe(said);
      if (isOutFirst) await reader.page.getByText(headline).first().waitFor();
      else expect(await feed()).not.toContain(headline);
      await luz.page.unroute('**/v1/items/*');
    },
  );
});

describe('D4: editing a held line', () => {
  const edit = async (visited: Visit, headline: string) => {
    await rowOf(visited, headline).locator('button.correct').press('Enter');
    return visited.page.locator('.item form');
  };

  test.each(['the edit is first', 'the line is out first'])(
    'goes out once with each text that an editor has sent, when %s',
    async (order) => {
      const [before, after] = [`Ten are hurt, ${order}`, `Eleven are hurt, ${order}`];
      await settle(nour);
      const isOutFirst = order === 'the line is out first';
      const letGo = isOutFirst ? await hold(nour.page, 'PUT') : () => {};
      const id = await held(before, isOutFirst ? 3 : 30);
      const form = await edit(nour, before);
      await form.locator('textarea').fill(after);
      if (isOutFirst) {
        await reader.page.getByText(before).first().waitFor();
        letGo();
        await expect.poll(() => form.textContent()).toContain('Your text is a correction now');
        expect(await form.locator('textarea').inputValue()).toBe(after);
        await form.locator('[name=note]').fill('Counted again.');
      } else await inState(before, 'draft');
      await form.locator('textarea').press('Control+Enter');
      await inState(after, 'published');
      await reader.page.getByText(after).first().waitFor();
      if (!isOutFirst) expect(await reader.page.getByText(before).count()).toBe(0);
      const entries = async () => (await desk(all.url, 'GET', `/v1/items/${id}/delivery`)).body['proofs'];
      await expect.poll(entries).toHaveLength(isOutFirst ? 2 : 1);
      expect((await itemsOf()).filter(({ body }) => body.headline === after)).toHaveLength(1);
      await nour.page.unroute('**/v1/items/*');
    },
  );

  test.each(['the edit is first', 'the stop is first'])(
    'loses no text to a colleague who stops the line, when %s',
    async (order) => {
      const [before, after] = [`Stopped while edited, ${order}`, `Edited while stopped, ${order}`];
      await settle(nour, luz);
      const isStopFirst = order === 'the stop is first';
      const letGo = isStopFirst ? await hold(nour.page, 'PUT') : await hold(luz.page, 'DELETE');
      await held(before);
      const stop = luz.page.getByRole('button', { name: 'Stop Nour’s line', exact: true });
      await stop.waitFor();
      // The request that is first is the one that is not held back.
      if (!isStopFirst) await stop.click();
      const form = await edit(nour, before);
      await form.locator('textarea').fill(after);
      if (isStopFirst) await stop.click();
      await inState(before, isStopFirst ? 'cancelled' : 'draft');
      letGo();
      if (isStopFirst) {
        await form.locator('.problem').or(nour.page.locator('.conflict')).first().waitFor();
        expect(await nour.page.locator('.conflict').textContent()).toContain(after);
      } else {
        await expect
          .poll(() => luz.page.locator('section.held .said').textContent())
          .toBe('It is not out. Nour has stopped it.');
        await form.locator('textarea').press('Control+Enter');
        await inState(after, 'published');
      }
      expect(await feed()).not.toContain(before);
      await Promise.all([nour, luz].map(({ page }) => page.unroute('**/v1/items/*')));
    },
  );

  test.each([
    ['Nour', 'Luz'],
    ['Luz', 'Nour'],
  ])('shows both texts when two editors edit the line and %s is first', async (first) => {
    const before = `Edited by both, ${first} first`;
    await settle(nour, luz);
    await held(before);
    const [one, other] = first === 'Nour' ? [nour, luz] : [luz, nour];
    const letGo = await hold(other.page, 'PUT');
    await Promise.all([nour, luz].map((visited) => rowOf(visited, before).locator('.badge.held').waitFor()));
    // The other has seen the held line, and asks second.
    const formOfOther = await edit(other, before);
    const formOfOne = await edit(one, before);
    await inState(before, 'draft');
    await formOfOne.locator('textarea').fill(`${before}, one`);
    await formOfOther.locator('textarea').fill(`${before}, other`);
    letGo();
    await other.page.locator('.conflict').waitFor();
    expect(await other.page.locator('.sides .text').allTextContents()).toEqual([before, `${before}, other`]);
    await formOfOne.locator('textarea').press('Control+Enter');
    await inState(`${before}, one`, 'published');
    expect((await itemsOf()).filter(({ body }) => body.headline.startsWith(before))).toHaveLength(1);
    await Promise.all([nour, luz].map(({ page }) => page.unroute('**/v1/items/*')));
  });
});
