import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { useBrowser, visit } from '../ui/browser.ts';

const browser = useBrowser();
let system: Running;

// Five processes: on a busy machine they take longer than a test may.
beforeAll(async () => {
  system = await startFlashwire('all', { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() }, 45_000);
}, 60_000);

afterAll(() => system[Symbol.asyncDispose]());

interface Line {
  readonly attribution: string;
  readonly headline: string;
}

const realInput = new URL('../../../shared/data/ticker-2025-10-06.json', import.meta.url);

/** The real lines where they lie beside the checkout, else ten invented ones of the same kind; oldest first. */
function linesToPost(): readonly Line[] {
  if (existsSync(realInput))
    return (JSON.parse(readFileSync(realInput, 'utf8')) as { ticker: Line[] }).ticker.reverse();
  return Array.from({ length: 10 }, (_, n) => ({
    attribution: 'Harbour office',
    headline: `Ferry ${n + 1} leaves "late": the crew waits for fog to lift over the long breakwater`,
  }));
}

const read = (line: Line) => `${line.attribution}: ${line.headline}`;

async function post(url: string, item: Record<string, unknown>): Promise<{ id: string; version: number }> {
  const { status, body } = await desk(url, 'POST', '/v1/items', item, { prefer: 'wait=5' });
  expect(status, JSON.stringify(body)).toBe(201);
  return { id: String(body['id']), version: Number(body['version']) };
}

test('ten items appear in a browser in order, and follow a correction and a retraction', async () => {
  const lines = linesToPost();
  const posted: { id: string; version: number }[] = [];
  for (const line of lines)
    posted.push(
      await post(system.url, {
        edition: 'en',
        attribution: line.attribution,
        headline: line.headline,
        urgency: 'flash',
      }),
    );

  await using visited = await visit(browser(), `${system.url}/`);
  const { page } = visited;
  const ticker = page.locator('breaking-ticker[edition="en"]').first();
  const shown = () => ticker.locator('.line').allTextContents();
  const expected = [...lines].reverse().map(read);
  await until(async () => (await shown()).length === 10, 10_000, 'ten lines are shown');
  expect(await shown()).toEqual(expected);

  const corrected = 'Talks are moving, and the figure given an hour ago was wrong';
  const third = posted[7];
  const fifth = posted[5];
  const thirdLine = lines[7];
  if (!third || !fifth || !thirdLine) throw new Error('fewer than ten lines were posted');
  const correction = await desk(
    system.url,
    'PUT',
    `/v1/items/${third.id}`,
    {
      edition: 'en',
      attribution: thirdLine.attribution,
      headline: corrected,
      urgency: 'flash',
      correction: { kind: 'corrected', note: 'The figure was wrong.' },
    },
    { 'if-match': `"${third.version}"`, prefer: 'wait=5' },
  );
  expect(correction.status, JSON.stringify(correction.body)).toBe(200);
  const retraction = await desk(
    system.url,
    'POST',
    `/v1/items/${fifth.id}/retract`,
    { reason: 'Not confirmed', notice: 'A line on air defence was withdrawn.' },
    { prefer: 'wait=5' },
  );
  expect(retraction.status, JSON.stringify(retraction.body)).toBe(200);

  expected[2] = `${thirdLine.attribution}: ${corrected}`;
  const text = () => ticker.evaluate((element) => element.shadowRoot?.textContent ?? '');
  await until(async () => (await shown())[2] === expected[2], 5_000, 'the correction is shown');
  await until(async () => !(await text()).includes(lines[5]?.headline ?? ''), 5_000, 'the retracted text is gone');
  expect(await text()).toContain('A line on air defence was withdrawn.');
  expect(new URL(page.url()).pathname).toBe('/');
  expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(1);
});

test('a reader filtered by section gets an Arabic and a Spanish item, and loses them when a correction moves them out', async () => {
  for (const [edition, headline] of [
    ['ar', 'افتتاح الجسر الجديد في الميناء'],
    ['es', 'El puente nuevo abre esta noche'],
  ] as const) {
    const frames: Record<string, unknown>[] = [];
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`${system.url.replace('http', 'ws')}/v1/feed?edition=${edition}&section=health`);
    try {
      socket.on('message', (data) => frames.push(JSON.parse(String(data)) as Record<string, unknown>));
      await until(() => frames.length > 0, 5_000, 'the reader has its snapshot');
      const item = { edition, headline, sections: ['health'] };
      const { id, version } = await post(system.url, item);
      await until(() => frames.some((frame) => frame['type'] === 'item'), 5_000, 'the item arrives');
      await desk(
        system.url,
        'PUT',
        `/v1/items/${id}`,
        { ...item, sections: ['politics'], correction: { kind: 'refile' } },
        { 'if-match': `"${version}"`, prefer: 'wait=5' },
      );
      const removal = () => frames.find((frame) => frame['type'] === 'removal');
      await until(() => removal() !== undefined, 5_000, 'the item leaves');
      expect(removal()).toMatchObject({ id, reason: 'moved' });
      expect(JSON.stringify(removal())).not.toContain(headline);
    } finally {
      socket.terminate();
    }
  }
});
