import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { fetchPage } from '../resources/page.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { chromiumPath, startBrowser, type Visit, visit } from '../ui/browser.ts';
import { deskItem, FakeDesk } from '../ui/desk/fake-desk.ts';
import { useDeskPages } from '../ui/desk/open-desk-page.ts';
import { links, markup, refusedText } from './clients/hostile.ts';

/** Row 40 in a real Chromium: the whole corpus in every field, on the desk and on every page for readers. Nothing may run. */
let browser: Browser;
let all: Running;

beforeAll(async () => {
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix(), FLASHWIRE_POST_RATE: '100000' };
  [browser, all] = await Promise.all([startBrowser(chromiumPath), startFlashwire('all', env)]);
});

afterAll(async () => {
  await browser.close();
  await all[Symbol.asyncDispose]();
});

/** Everything that ran, that a policy stopped, or that was requested from another origin. */
async function watch({ page, faults }: Visit): Promise<() => readonly string[]> {
  const found: string[] = [];
  await page.exposeFunction('hit', () => found.push(`hit on ${page.url()}`));
  page.on('dialog', (dialog) => {
    found.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!/^(https?:\/\/127\.0\.0\.1[:/]|data:image\/svg)/.test(request.url())) found.push(`asked for ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI} ${sample}`),
    );
  });
  return () => [
    ...found,
    ...faults.filter(
      (fault) => !/status of (401|404|410|422|503)|^<breaking-ticker>: theme=.* is not one of/.test(fault),
    ),
  ];
}

/** Elements that the corpus has created, also in shadow trees, and data blocks that it has ended. */
function cameToLife(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const roots: (Document | ShadowRoot)[] = [document];
    for (const element of document.querySelectorAll('*')) if (element.shadowRoot) roots.push(element.shadowRoot);
    const elements = roots.flatMap((root) => [
      ...root.querySelectorAll(
        '[data-evil], [onerror], [onload], [onfocus], [onmouseover], [ontoggle], base[href], iframe:not([src="/desk.preview"])',
      ),
      ...[...root.querySelectorAll('a[href]')].filter(
        (link) => !/^https?:$/.test((link as HTMLAnchorElement).protocol),
      ),
    ]);
    const broken = [...document.querySelectorAll('script[type$="json"]')].filter((block) => {
      try {
        return typeof JSON.parse(block.textContent) !== 'object';
      } catch {
        return true;
      }
    });
    return [...elements, ...broken].map((element) => element.outerHTML.slice(0, 200));
  });
}

const isTopic = (text: string) => new TextEncoder().encode(text).length <= 64;
const idOf = ({ body }: { readonly body: Record<string, unknown> }) => String(body['id']);
const post = (path: string, body: unknown, headers = {}) =>
  desk(all.url, path.endsWith('/correct') ? 'PUT' : 'POST', path.replace('/correct', ''), body, headers);

/** Posts the corpus in every field of the API. Returns the ids of shown and of retracted items. */
async function publishAll(): Promise<{ readonly shown: readonly string[]; readonly gone: readonly string[] }> {
  const shown: string[] = [];
  const gone: string[] = [];
  for (const [at, text] of markup.entries()) {
    const made = await post('/v1/keys', { name: text, role: 'editor' });
    expect(made.status, text).toBe(201);
    const by = { authorization: `Bearer ${made.body['token']}`, prefer: 'wait=5' };
    const fields = {
      ...{ edition: 'en', headline: text, attribution: text, urgency: 'flash', sections: ['politics'] },
      ...{
        topics: ['talks', ...(isTopic(text) ? [text] : [])],
        url: `https://news.example/"'><img/onerror=hit()>#${at}`,
      },
    };
    const confirmed = { ...by, prefer: 'wait=10, confirm=flash-fuse' };
    const item = await post('/v1/items', fields, confirmed);
    expect(item.status, text).toBe(201);
    const id = idOf(item);
    shown.push(id);
    const correction = { kind: 'corrected', note: text };
    const corrected = await post(`/v1/items/${id}/correct`, { ...fields, correction }, { ...by, 'if-match': '"1"' });
    expect(corrected.status, text).toBe(200);
    if (at % 5 === 0) {
      const other = await post('/v1/items', { ...fields, headline: `Gone: ${text}` }, confirmed);
      const back = await post(`/v1/items/${idOf(other)}/retract`, { reason: text, notice: text }, by);
      expect(back.status, text).toBe(200);
      gone.push(idOf(other));
    }
    if (at % 10 === 0) {
      expect((await desk(all.url, 'PUT', '/v1/stop', { stopped: true, reason: text }, by)).status).toBe(200);
      expect((await desk(all.url, 'PUT', '/v1/stop', { stopped: false, reason: text }, by)).status).toBe(200);
    }
  }
  return { shown, gone };
}

test('no field of the API can run a script at the desk or on a page for readers', async () => {
  const { shown, gone } = await publishAll();
  const strange = await post('/v1/keys', { name: markup[1], role: 'admin' });
  await using visited = await visit(browser, 'about:blank', { viewport: { width: 1_200, height: 900 } });
  const { page } = visited;
  const found = await watch(visited);
  const nothingLives = async (what: string) => {
    expect(await cameToLife(page), what).toEqual([]);
    expect(found(), what).toEqual([]);
  };

  await page.goto(`${all.url}/desk#key=${strange.body['token']}`);
  await page.locator('.composer textarea').waitFor();
  expect(await page.locator('.who bdi').textContent()).toBe(markup[1]);
  await until(async () => (await page.locator('.item').count()) >= 40, 10_000, 'the list is there');
  const said = await page.locator('.item .text').allTextContents();
  expect(markup.slice(-30).filter((text) => !said.some((line) => line.includes(text)))).toEqual([]);
  await nothingLives('list');
  const row = page.locator('.item.published').first();
  await row.locator('button.correct').click();
  await row.locator('[name=note]').waitFor();
  await nothingLives('correct form');
  await row.locator('textarea').press('Escape');
  const box = page.locator('.composer textarea');
  for (const text of markup.filter((_text, at) => at % 3 === 1)) {
    await box.fill(`${text}: ${text}`);
    await page.keyboard.press('Alt+Digit1');
    await box.press('Control+Enter');
    // An unknown source is a question before the preview.
    await page.locator('.review, .confirm').first().waitFor();
    await nothingLives(`review of ${text}`);
    await box.press('Escape');
    await page.locator('.review, .confirm').first().waitFor({ state: 'detached' });
  }
  await page.evaluate(() => {
    location.hash = '#audit';
  });
  await page.locator('.audit .event', { hasText: 'STOP' }).first().waitFor();
  await nothingLives('audit');
  await page.evaluate(() => {
    location.hash = '#people';
  });
  await page.locator('.people .key').first().waitFor();
  await page.locator('.people button.revoke').first().click();
  await nothingLives('people');
  expect((await desk(all.url, 'PUT', '/v1/stop', { stopped: true, reason: markup[2] }, as(strange))).status).toBe(200);
  await page.goto(`${all.url}/desk`);
  await page.locator('.stop.on').waitFor();
  expect(await page.locator('.stop.on').textContent()).toContain(markup[1]);
  await nothingLives('STOP');
  expect((await desk(all.url, 'PUT', '/v1/stop', { stopped: false }, as(strange))).status).toBe(200);

  const paths = [
    ...[
      '/',
      '/live/en',
      '/live/en?debug',
      '/live/en?before=9',
      '/section/en/politics',
      '/topic/en/talks',
      '/embed?edition=en',
      `/embed/en?topic=${encodeURIComponent(markup[19] ?? '')}&theme=${encodeURIComponent(markup[0] ?? '')}`,
    ],
    ...markup
      .filter(isTopic)
      .slice(0, 12)
      .map((text) => `/topic/en/${encodeURIComponent(text)}`),
    ...[...shown, ...gone].map((id) => `/item/${id}`),
    ...['/section/en/', '/live/', '/item/', '/article/'].map((path) => path + encodeURIComponent(markup[19] ?? '')),
    `/?edition=${encodeURIComponent(markup[19] ?? '')}`,
    ...['/desk/api', '/v1/openapi.json'],
  ];
  for (const path of paths) {
    // 503: the time for rendering is used up for this second.
    await until(async () => (await page.goto(all.url + path))?.status() !== 503, 20_000, `${path} is rendered`);
    await nothingLives(path);
  }
  await page.goto(`${all.url}/live/en`);
  await expect.poll(() => page.locator('.updates').textContent()).toContain(`${markup.at(-2)}: ${markup.at(-2)}`);

  for (const format of ['rss', 'atom', 'json']) {
    const text = await (await fetchPage(`${all.url}/feeds/en.${format}`)).text();
    if (format === 'json') JSON.parse(text);
    await page.goto('about:blank');
    const made = await page.evaluate(
      (xml) => {
        const parsed = new DOMParser().parseFromString(xml, 'text/xml');
        return [...parsed.querySelectorAll('parsererror, [data-evil], script')].map((element) => element.outerHTML);
      },
      format === 'json' ? '<ok/>' : text,
    );
    expect(made, format).toEqual([]);
  }
}, 240_000);

const as = ({ body }: { readonly body: Record<string, unknown> }) => ({ authorization: `Bearer ${body['token']}` });

describe('text that the API refuses', () => {
  test.each(links)('%j is refused as the address of an article', async (url) => {
    const { status, body } = await post('/v1/items', { edition: 'en', headline: 'Line', url });
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([{ pointer: '/url' }]);
  });

  test.each(refusedText)('%j is refused as text', async (text) => {
    const answer = await post('/v1/items', { edition: 'en', headline: text, attribution: text, topics: [text] });
    expect(answer.status).toBe(422);
  });

  describe('scripts in answers of the API', () => {
    const pages = useDeskPages(() => browser);

    test('a script in any field of an answer does not run on the desk page', async () => {
      const api = new FakeDesk();
      const corpus = [...markup, ...refusedText, ...links];
      api.items = corpus.map((text, at) => {
        const kind = at % 2 === 0 ? 'published' : text;
        const facets = { urgency: text, sections: [text], regions: [text], topics: [text], language: text, dir: text };
        const body = {
          headline: text,
          attribution: text,
          url: text,
          correction: { kind: text, note: text },
          ...facets,
        };
        const change = { by: { keyId: text, name: text }, edition: 'en', notice: text, reason: text };
        return deskItem(`01J${String(at).padStart(23, '0')}`, kind, body, change);
      });
      api.stop = { stopped: true, by: corpus[1], at: '2026-03-01T10:00:00.000Z', reason: corpus[1] };
      api.status = {
        readers: { en: corpus[1] },
        processes: corpus.map((process) => ({ process })),
        provenAgoMs: corpus[1],
      };
      await using opened = await pages.open(api);
      const found = await watch({ page: opened.page, faults: opened.faults, [Symbol.asyncDispose]: async () => {} });
      const { page } = opened;
      await page.reload();
      await page.locator('.composer textarea').waitFor();
      await until(async () => (await page.locator('.item').count()) > 20, 10_000, 'the list is there');
      expect(await cameToLife(page)).toEqual([]);
      for (const text of corpus) {
        api.answer = () => ({
          status: 422,
          body: { type: text, title: text, status: 422, detail: text, errors: [{ pointer: text, detail: text }] },
        });
        await page.locator('.composer textarea').fill('A line');
        await page.locator('.composer textarea').press('Control+Enter');
        await page.locator('.problem').first().waitFor();
        expect(await cameToLife(page), text).toEqual([]);
      }
      expect(found()).toEqual([]);
    });
  });
});
