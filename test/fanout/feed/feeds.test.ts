import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ItemTexts } from '../../../src/fanout/edition/edition.ts';
import type { Feed, FeedReader } from '../../../src/fanout/feed/feed.ts';
import { Feeds } from '../../../src/fanout/feed/feeds.ts';
import type { Filter } from '../../../src/protocol/filter.ts';
import { type FanoutServer, serveFanout, TestReader, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { site } from '../../resources/site.ts';
import { HandFedEdition, lineFraming } from '../edition-resource.ts';
import { filter, filters, steps, take } from '../lifecycle.ts';

const most = 6;
const ofAnAddress = 3;
const topics = [{ id: 'elections', labels: { en: 'Elections' } }];
const plain = [
  '',
  '&section=sports',
  '&region=africa',
  '&urgency=flash',
  '&topic=elections',
  '&section=sports&section=sports',
];

const from = (address: string) => ({ 'X-Forwarded-For': address });

let log: MemoryLog;
let server: FanoutServer;
const readers: TestReader[] = [];

beforeAll(async () => {
  log = new MemoryLog();
  for (const id of ['a', 'b', 'c']) log.publish(id, facets());
  const feeds = { feeds: most, perAddress: ofAnAddress, idleMs: 60_000 };
  server = await serveFanout(log, { feeds, trustProxy: '1' }, { site: { ...site, topics } });
});

beforeEach(leave);
afterAll(async () => {
  await leave();
  await server[Symbol.asyncDispose]();
});

function follow(query: string, address: string): TestReader {
  const reader = new TestReader(server.port, `edition=en&${query}`, { headers: from(address) });
  readers.push(reader);
  return reader;
}

async function leave(): Promise<void> {
  for (const reader of readers.splice(0)) reader[Symbol.dispose]();
  await until(() => server.fanout.stats().connections === 0, 'nobody is there');
}

/** Readers of topics that are not configured, as many as there is room for. */
async function fill(): Promise<void> {
  const all = Array.from({ length: most }, (_, n) => follow(`topic=made-up-${n}`, `192.0.2.${n}`));
  await Promise.all(all.map((reader) => reader.frame('snapshot')));
}

const poll = (query: string, address = '198.51.100.1') =>
  fetch(`${server.origin}/v1/feed.poll?edition=en&${query}`, { headers: from(address) });

const stream = async (query: string, address = '198.51.100.1') =>
  fetch(`${server.origin}/v1/feed.sse?edition=en&${query}`, { headers: from(address) });

async function firstPiece(response: Response): Promise<string> {
  for await (const bytes of response.body ?? []) return new TextDecoder().decode(bytes);
  return '';
}

describe('feeds of filters that clients invent', () => {
  test('a feed that is not plain closes once its polls have been answered', async () => {
    const before = server.fanout.stats().feeds;
    for (const since of ['', '&since=epochone:1', '&since=epochone:3', '&since=another:1'])
      await Promise.all(
        Array.from({ length: 4 * most }, async (_, n) => {
          const { status } = await poll(`wait=0&topic=made-up-${n % ofAnAddress}-${since}${since}`, `192.0.2.${n}`);
          expect(status).toBe(200);
        }),
      );
    const waiting = poll(`since=epochone:${log.seq}&topic=awaited`);
    await until(() => server.fanout.stats().feeds === before + 1, 'it waits');
    log.publish('d', facets([], { topics: ['awaited'] }));
    expect((await waiting).status).toBe(200);
    expect(server.fanout.stats().feeds).toBe(before);
  });

  test('a feed that is not plain closes with its last reader', async () => {
    const before = server.fanout.stats().feeds;
    await fill();
    expect(server.fanout.stats().feeds).toBe(before + most);
    await leave();
    expect(server.fanout.stats().feeds).toBe(before);
  });

  test.each(plain)('FL-5: a plain feed opens even if invented filters use up the bound (%s)', async (query) => {
    await fill();
    await follow(query, '198.51.100.1').frame('snapshot');
    expect((await poll(`wait=0${query}`)).status).toBe(200);
    expect(await firstPiece(await stream(query))).toContain('event: snapshot');
  });

  test('FL-6, FL-7: invented filters beyond the shared bound are refused over every transport, and never with 503', async () => {
    await fill();
    const { counters } = server.fanout.stats();
    const [busy, cut] = [counters.refused.busy, counters.cutBy[4100]];
    const tooMany = ['topic=one-more', 'section=sports&region=africa', 'urgency=flash&urgency=urgent'];
    for (const query of tooMany) {
      const refused = await poll(`wait=0&${query}`);
      expect([refused.status, refused.headers.get('retry-after'), (await refused.json()).type]).toEqual([
        429,
        '5',
        '/problems/too-many-feeds',
      ]);
      expect(await follow(query, '198.51.100.1').closed()).toBe(4100);
      expect(await (await stream(query)).text()).toMatch(/^retry: \d+\n\n$/);
      expect((await fetch(`${server.origin}/v1/feed.json?edition=en&${query}`)).status).toBe(200);
    }
    expect(counters.refused.busy - busy).toBe(3 * tooMany.length);
    expect(counters.cutBy[4100] - cut).toBe(2 * tooMany.length);
    await follow('topic=made-up-0', '198.51.100.1').frame('snapshot');
  });

  test.each([
    ['192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:3::1'],
  ])('FL-6: an address, %s, may follow its share of invented filters', async (address, sameAddress, another) => {
    const { counters } = server.fanout.stats();
    const refused = counters.refused.address;
    const own = Array.from({ length: ofAnAddress }, (_, n) => follow(`topic=own-${n}`, address));
    await Promise.all(own.map((reader) => reader.frame('snapshot')));
    // The same filter in another order, and a plain filter, do not count.
    await follow('topic=own-0', sameAddress).frame('snapshot');
    await follow('section=sports', sameAddress).frame('snapshot');
    expect(await follow('topic=too-many', sameAddress).closed()).toBe(4100);
    expect((await poll('wait=0&topic=too-many', sameAddress)).status).toBe(429);
    expect(counters.refused.address - refused).toBe(2);
    expect((await poll('wait=0&topic=too-many', another)).status).toBe(200);
    own[1]?.[Symbol.dispose]();
    await until(() => server.fanout.stats().connections === ofAnAddress + 1, 'it has left');
    expect((await poll('wait=0&topic=too-many', sameAddress)).status).toBe(200);
  });
});

const context = {
  texts: new ItemTexts(),
  terms: () => ({ beatMs: 1, stale: false, retry: { afterMs: 0, withinMs: 1 } }),
  onTouched: () => undefined,
};

describe('the feeds of a process', () => {
  test('a new feed takes the room of the oldest feed without readers', () => {
    const feeds = new Feeds({ feeds: 2, idleMs: 60_000 }, context);
    const edition = new HandFedEdition();
    const open = (topic: string) => feeds.open(edition, filter({ topics: [topic] }), lineFraming, 0)?.feed ?? null;
    const [first, second, third] = ['one', 'two', 'three'].map(open);
    expect(feeds.size).toBe(2);
    expect(open('three')).toBe(third);
    expect(open('two')).toBe(second);
    expect(open('one')).not.toBe(first);
    expect(feeds.size).toBe(2);
  });

  test('an entry visits only the feeds that it can concern', () => {
    const feeds = new Feeds({ feeds: 2_000, idleMs: 60_000 }, context);
    const [edition, other] = [new HandFedEdition(), Object.assign(new HandFedEdition(), { id: 'ar' })];
    let looks = 0;
    const invented = (n: number): Filter => ({
      ...filter(),
      get topics() {
        looks++;
        return [`invented-${n}`, `another-${n}`];
      },
    });
    const follow = (of: HandFedEdition, wanted: Filter) => {
      const feed = feeds.open(of, wanted, lineFraming, 0)?.feed;
      feed?.advance(of.replica);
      feed?.add(readerOf(feed));
      return feed;
    };
    for (let n = 0; n < 1_000; n++) follow(n % 2 === 0 ? edition : other, invented(n));
    const [all, sports, talks] = [{}, { sections: ['sports'] }, { topics: ['talks'], sections: ['politics'] }].map(
      (more) => follow(edition, filter(more)),
    );
    expect([...feeds.concerned(edition)]).toHaveLength(503);
    const log = new MemoryLog();
    log.applyTo(edition);
    looks = 0;
    log.publish('a', facets(['politics'], { topics: ['talks'] }));
    expect(new Set(feeds.concerned(edition))).toEqual(new Set([all, talks]));
    log.correct('a', facets(['sports']));
    expect(new Set(feeds.concerned(edition))).toEqual(new Set([all, talks, sports]));
    expect(looks).toBe(0);
  });
});

function readerOf(feed: Feed): FeedReader {
  return {
    index: 0,
    feed,
    cursor: 0,
    isGone: false,
    hasNews: false,
    isBeyond: () => false,
    rejectPosition: () => false,
    deliver: () => 'current',
    fail: () => undefined,
  };
}

describe('a feed that the index has not visited', () => {
  const wanted: readonly Filter[] = [
    ...filters,
    filter({ topics: ['talks', 'storm'], urgencies: ['flash'] }),
    filter({ sections: ['sports'], regions: ['africa', 'europe'] }),
  ];

  test('has the entries of a feed that evaluates each of them, also when it has read nothing for longer than the ring', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(wanted.length - 1), { maxLength: 80 }), (all, looks) => {
        const feeds = new Feeds({ feeds: 100, idleMs: 60_000 }, context);
        const edition = new HandFedEdition({ items: 100, entries: 6 });
        const log = new MemoryLog();
        log.applyTo(edition);
        const pairs = wanted.map((one) => {
          const lazy = feeds.open(edition, one, lineFraming, 0)?.feed ?? null;
          if (!lazy) throw new Error('no room');
          lazy.advance(edition.replica);
          lazy.add(readerOf(lazy));
          return { lazy, eager: edition.wire(one).feed };
        });
        for (const [at, step] of all.entries()) {
          take(log, step);
          for (const feed of feeds.concerned(edition)) feed.advance(edition.replica);
          for (const { eager } of pairs) eager.advance(edition.replica);
          const { lazy, eager } = pairs[looks[at] ?? 0] ?? {};
          lazy?.advance(edition.replica);
          expect([lazy?.seqs, lazy?.last, lazy?.floor]).toEqual([eager?.seqs, eager?.last, eager?.floor]);
        }
        for (const { lazy, eager } of pairs) {
          expect(lazy.last).toBe(eager.last);
          lazy.advance(edition.replica);
          expect([lazy.seqs, lazy.floor]).toEqual([eager.seqs, eager.floor]);
        }
      }),
    );
  });
});
