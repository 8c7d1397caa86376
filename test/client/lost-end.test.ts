import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectFeed } from '../../src/client/index.ts';
import { serveFanout, TestReader, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

const released: { readonly connectFeed: typeof connectFeed } = await import(
  new URL('./first-release/sdk-0.1.0.js', import.meta.url).href
);

/** A log of the same epoch each time, with the items that it has not lost. */
function logOf(...ids: readonly string[]): MemoryLog {
  const log = new MemoryLog();
  for (const id of ids) log.publish(id, facets());
  return log;
}

function reader(connect: typeof connectFeed, url: string, isHttp = false) {
  const seen = { lines: '', state: '' };
  const feed = connect({
    url,
    edition: 'en',
    ...(!isHttp && { WebSocket }),
    random: () => 0,
    onItems: (items) => {
      seen.lines = items.map(({ id }) => id).join('');
    },
    onState: ({ type }) => {
      seen.state = type;
    },
  });
  const reads = (lines: string) => until(() => seen.lines === lines && seen.state === 'live', `${lines}, live`);
  return { reads, position: () => feed.stats().position, close: () => feed.close() };
}

/** Fan-outs that take turns on one port, and remember nothing of each other. */
async function inTurn(check: (serve: (log: MemoryLog) => Promise<string>) => Promise<void>): Promise<void> {
  let running: Awaited<ReturnType<typeof serveFanout>> | undefined;
  try {
    await check(async (log) => {
      const port = running?.port ?? 0;
      await running?.[Symbol.asyncDispose]();
      running = await serveFanout(log, { acceptRate: 1_000_000 }, { port });
      return running.origin;
    });
  } finally {
    await running?.[Symbol.asyncDispose]();
  }
}

describe('a client that is ahead of a log that lost its end', () => {
  test.each([
    ['the SDK of the first release', released.connectFeed, false],
    ['the SDK of today', connectFeed, false],
    ['the SDK of today over HTTP', connectFeed, true],
  ])(
    'a client that is ahead of a log that lost its end shows what the log has, and continues: %s',
    async (_, connect, isHttp) => {
      await inTurn(async (serve) => {
        const feed = reader(connect, await serve(logOf('a', 'b', 'c')), isHttp);
        try {
          await feed.reads('cba');
          const short = logOf('a');
          await serve(short);
          await feed.reads('a');
          short.publish('d', facets());
          await feed.reads('da');
          // Both names of the epoch mean the same.
          await serve(logOf('a', 'd', 'e'));
          await feed.reads('eda');
          const shorter = logOf('f');
          await serve(shorter);
          await feed.reads('f');
          shorter.publish('g', facets());
          await feed.reads('gf');
        } finally {
          feed.close();
        }
      });
    },
  );
});

describe('positions that no server sent', () => {
  test('PO-12, PO-13, PO-14: positions that no server sent affect only the clients that come with them', async () => {
    const log = logOf('a', 'b');
    await using server = await serveFanout(log, { acceptRate: 1_000_000 });
    using honest = new TestReader(server.port, 'edition=en');
    using back = new TestReader(server.port, `edition=en&since=epochone:1:${log.hashAt(1)}`);
    await honest.frame('snapshot');
    await back.frame('resumed');
    const since = ['epochone:99999999', 'epochone:3', 'epochone-1:99999999:00000000', 'epochone-1:4'];
    const strangers = [...since, ...since].map((at) => new TestReader(server.port, `edition=en&since=${at}`));
    const polled = fetch(`${server.origin}/v1/feed.poll?edition=en&since=epochone:99999999&wait=25`);
    try {
      for (const [at, stranger] of strangers.entries()) {
        const isOther = at % 4 > 1;
        const [resumed, replaced] = [await stranger.frame('resumed'), await stranger.frame('snapshot')];
        expect(resumed).toMatchObject({ epoch: isOther ? 'epochone-1' : 'epochone', missed: 0 });
        expect(replaced).toMatchObject({ epoch: isOther ? 'epochone' : 'epochone-1', seq: 2, reason: 'epoch' });
      }
      const answer = (await (await polled).json()) as { readonly frames: readonly object[] };
      expect(answer.frames).toMatchObject([{ type: 'snapshot', epoch: 'epochone-1', seq: 2 }]);
      log.publish('c', facets());
      for (const each of [honest, back, ...strangers]) await until(() => each.seqs.at(-1) === 3, 'the next entry');
      for (const each of strangers)
        expect(each.frames.map(({ type }) => type)).toEqual(['resumed', 'snapshot', 'item']);
      expect(honest.frames.map(({ type }) => type)).toEqual(['snapshot', 'item']);
      expect(back.frames.map(({ type }) => type)).toEqual(['resumed', 'item', 'item']);
      expect([log.suspected, server.fanout.stats().counters.suspected]).toEqual([null, 0]);
    } finally {
      for (const stranger of strangers) stranger.socket.terminate();
    }
  });

  test('PO-8: a position that is ahead is kept while the process may only be behind', async () => {
    const log = logOf('a');
    await using server = await serveFanout(log, { acceptRate: 1_000_000 });
    log.isDeaf = true;
    log.publish('b', facets());
    using ahead = new TestReader(server.port, `edition=en&since=epochone:2:${log.hashAt(2)}`);
    await ahead.frame('resumed');
    log.isDeaf = false;
    log.publish('c', facets());
    await until(() => ahead.seqs.at(-1) === 3, 'the entry after its position');
    expect(ahead.frames.map(({ type }) => type)).toEqual(['resumed', 'item']);
  });
});
