import { describe, expect, test } from 'vitest';
import { ItemTexts } from '../../../src/fanout/edition/edition.ts';
import { usableItem } from '../../../src/item/item.ts';
import { parseBody } from '../../../src/log/entries/reply.ts';
import { filterKey } from '../../../src/protocol/filter.ts';
import { frameWays, serveFanout, TestReader, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

const more = {
  paragraphs: ['It was closed for two years.', 'Buses follow on Monday.'],
  links: [{ text: 'The plan', url: 'https://news.example/plan' }],
  image: { url: 'https://news.example/bridge.jpg', alt: 'The bridge at night', width: 1_200, height: 800 },
  quote: { text: 'We are open.', by: 'The mayor' },
};

/** Recorded before items could have more than a line. */
const recorded =
  '{"type":"item","seq":2,"hash":"HASH","prev":1,"change":"new","item":{"id":"b","version":1,"place":2,"edition":"en","language":"en","dir":"ltr","headline":"headline of b","status":"usable","sections":["politics"],"regions":["europe"],"topics":[],"urgency":"urgent","publishedAt":"2026-01-01T00:00:00.002Z","updatedAt":"2026-01-01T00:00:00.002Z"}}';

/** An item as the log has it, and its text in a frame: recorded as well. */
const body =
  '{"edition":"en","language":"en","dir":"ltr","headline":"The bridge opens","attribution":"AFP","urgency":"flash","sections":["politics"],"regions":[],"topics":["bridge"],"url":"https://news.example/bridge","expiresAt":"2026-03-02T10:00:00.000Z","correction":{"kind":"refile"}}';
const inFrame =
  '{"id":"a","version":2,"place":1,"sections":["politics"],"regions":[],"topics":["bridge"],"urgency":"flash","edition":"en","language":"en","dir":"ltr","headline":"The bridge opens","attribution":"AFP","url":"https://news.example/bridge","expiresAt":"2026-03-02T10:00:00.000Z","status":"usable","publishedAt":"2026-03-01T10:00:00.000Z","updatedAt":"2026-03-01T10:00:01.000Z","correction":{"kind":"refile","at":"2026-03-01T10:00:01.000Z"}}';

const texts = (reader: TestReader) => {
  const found: string[] = [];
  reader.socket.on('message', (data) => found.push(String(data)));
  return found;
};

describe('the fields of a feed', () => {
  test.each(frameWays)(
    'IM-7: frames of an item without more are the recorded bytes for both values of fields, %s',
    async (_way, serve) => {
      const log = new MemoryLog();
      log.publish('a', facets());
      await using server = await serve(log);
      for (const query of ['edition=en', 'edition=en&fields=default', 'edition=en&fields=full']) {
        using reader = new TestReader(server.port, query);
        const received = texts(reader);
        await reader.frame('snapshot');
        const { seq } = log.publish('b', facets());
        await reader.frame('item');
        const asRecorded = recorded
          .replace('"seq":2', `"seq":${seq}`)
          .replace('"prev":1', `"prev":${seq - 1}`)
          .replace('HASH', log.hashAt(seq))
          .replace('"place":2', `"place":${seq}`)
          .replaceAll('00.002Z', `00.00${seq}Z`);
        expect(received.at(-1)).toBe(asRecorded);
      }
    },
  );

  test.each(frameWays)(
    'IM-7: a default frame has hasMore and nothing else more, a full one has everything, %s',
    async (_way, serve) => {
      const log = new MemoryLog();
      log.publish('a', facets(), 'First line', more);
      await using server = await serve(log);
      using line = new TestReader(server.port, 'edition=en');
      using full = new TestReader(server.port, 'edition=en&fields=full');
      const [snapshot, whole] = [await line.frame('snapshot'), await full.frame('snapshot')];
      expect(whole.items[0]).toMatchObject(more);
      expect(whole.items[0]).not.toHaveProperty('hasMore');
      const { paragraphs, links, image, quote, ...rest } = { ...whole.items[0], ...more };
      expect(JSON.stringify(snapshot.items[0])).toBe(JSON.stringify({ ...rest, hasMore: true }));
      log.publish('b', facets(), 'Second line', more);
      expect((await line.frame('item')).item).toMatchObject({ headline: 'Second line', hasMore: true });
      expect((await line.frame('item')).item).not.toHaveProperty('paragraphs');
      expect((await full.frame('item')).item).toMatchObject(more);
    },
  );

  test('FL-8: every form of the feed takes fields, with the same position, and refuses another value', async () => {
    const log = new MemoryLog();
    const id = '01J00000000000000000000001';
    log.publish(id, facets(), 'A line', more);
    await using server = await serveFanout(log);
    const paths = [
      '/v1/feed.json?',
      '/v1/feed?',
      '/v1/feed.poll?wait=0&',
      '/v1/feed/history?',
      `/v1/feed/items/${id}?`,
    ];
    for (const path of paths) {
      const ask = (query: string) => fetch(`${server.origin}${path}edition=en${query}`);
      expect(await (await ask('')).text(), path).toMatch(/"hasMore":true/);
      const whole = await (await ask('&fields=full')).text();
      expect(whole, path).toContain('Buses follow on Monday.');
      expect(whole, path).not.toContain('hasMore');
      for (const bad of ['&fields=all', '&fields=', '&fields=full&fields=full'])
        expect((await ask(bad)).status, path + bad).toBe(400);
    }
    const [line, full] = await Promise.all(
      ['', '&fields=full'].map(async (query) =>
        (await fetch(`${server.origin}/v1/feed.json?edition=en${query}`)).json(),
      ),
    );
    expect([full.epoch, full.seq, full.hash]).toEqual([line.epoch, line.seq, line.hash]);
    const bad = await fetch(`${server.origin}/v1/feed.json?edition=en&fields=all`);
    expect(await bad.json()).toMatchObject({
      type: '/problems/bad-query',
      errors: [{ parameter: 'fields', detail: 'fields: give default or full, once.' }],
    });
    const stream = await fetch(`${server.origin}/v1/feed.sse?edition=en&fields=all`);
    expect(stream.status).toBe(400);
    using refused = new TestReader(server.port, 'edition=en&fields=all');
    await until(() => refused.refusedWith !== null, 'the refusal');
    expect(refused.refusedWith).toBe(400);
  });

  test.each(frameWays)(
    'RM-5: no frame of a full feed has a text below the line of an item that was retracted, %s',
    async (_way, serve) => {
      const log = new MemoryLog();
      log.publish('a', facets());
      const since = `epochone:${log.seq}:${log.hashAt(log.seq)}`;
      log.publish('b', facets(), 'A false line', more);
      await using server = await serve(log);
      using before = new TestReader(server.port, `edition=en&fields=full&since=${since}`);
      expect((await before.frame('item')).item).toMatchObject(more);
      log.retract('b');
      await before.frame('removal');
      using after = new TestReader(server.port, `edition=en&fields=full&since=${since}`);
      await after.frame('removal', 1);
      expect(JSON.stringify(after.frames)).not.toMatch(/Buses|mayor|bridge|plan/);
    },
  );

  test('IM-7: an item of the log without more has the recorded text', () => {
    const at = Date.UTC(2026, 2, 1, 10);
    const stamp = { id: 'a', version: 2, place: 1, publishedAtMs: at, updatedAtMs: at + 1_000 };
    const item = usableItem(parseBody(body), stamp);
    const texts = new ItemTexts();
    expect([texts.of(item), texts.of(item, 'full')]).toEqual([inFrame, inFrame]);
  });

  test('FL-8: the fields are part of the key of a feed', () => {
    const filter = { edition: 'en', sections: [], regions: [], topics: [], urgencies: [] };
    expect(filterKey({ ...filter, fields: 'full' })).not.toBe(filterKey(filter));
  });
});
