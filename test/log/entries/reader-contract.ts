import { describe, expect, test } from 'vitest';
import type { Tombstone, UsableItem } from '../../../src/item/item.ts';
import type { ShownItem } from '../../../src/log/entries/entry.ts';
import type { LogReader } from '../../../src/log/entries/log-reader.ts';
import { editionKeys } from '../../../src/log/redis/redis-keys.ts';
import type { RedisConnection } from '../../../src/log/redis/shards.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';
import { bodyOf, type EditionLog } from '../edition-log.ts';

/** `timeOver`: its time ends while it is withheld. */
type Verb = 'timeOver' | 'correct' | 'withhold' | 'release' | 'expire' | 'retract' | 'retractWithNotice' | 'clear';

/** An edition in which a test makes things happen, and the reader of its log. */
export interface Contract extends AsyncDisposable {
  readonly reader: LogReader;
  publish(id: string): Promise<void>;
  take(id: string, verb: Verb): Promise<void>;
  /** Removes the entries up to this seq from the stream. */
  trim(seq: number): Promise<void>;
  /** A failover to a copy that ends at this seq. */
  loseTail(seq: number): Promise<void>;
  /** What a worker does twice a second. */
  settleEpoch(): Promise<void>;
}

const notice = 'A line was withdrawn.';
const itemFacets = facets();

export async function inMemory(): Promise<Contract> {
  const log = new MemoryLog();
  return {
    reader: log,
    publish: async (id) => void log.publish(id, itemFacets),
    take: async (id, verb) => {
      if (verb === 'timeOver') return log.endTime(id);
      const entry =
        verb === 'correct'
          ? log.correct(id, itemFacets)
          : verb === 'retractWithNotice'
            ? log.retract(id, notice)
            : log[verb](id);
      if (!entry) throw new Error(`${verb} ${id} is not possible`);
    },
    trim: async (seq) => {
      log.trimmedTo = seq;
    },
    loseTail: async (seq) => log.loseTail(seq),
    settleEpoch: async () => log.settleEpoch('epochtwo'),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

export function inRedis(log: EditionLog<RedisConnection>): Contract {
  const body = (headline: string) => bodyOf(headline, itemFacets);
  const expiresAtMs = log.desk.now() + 3_600_000;
  const keys = editionKeys(log.prefix, 'en');
  const record = keys.item;
  /** Makes a command that time causes due now. */
  const bringForward = async (letter: 'x' | 'n', id: string) => {
    const commandId = `${letter}_${id}_${await log.redis.hget(record(id), 'version')}`;
    await log.redis.hset(keys.command(commandId), 'due', '1');
    return log.append(commandId);
  };
  const run = (id: string, verb: Exclude<Verb, 'timeOver'>) => {
    const edit = { action: 'edit', change: 'corrected', facets: itemFacets, expiresAtMs } as const;
    if (verb === 'correct') return log.run({ itemId: id, body: body(`corrected ${id}`), ...edit });
    if (verb === 'expire') return bringForward('x', id);
    if (verb === 'clear') return bringForward('n', id);
    if (verb === 'retractWithNotice') return log.run({ itemId: id, action: 'retract', reason: 'wrong', notice });
    return log.run({ itemId: id, action: verb, ...(verb === 'retract' && { reason: 'wrong' }) });
  };
  const publish = { action: 'publish', facets: itemFacets, expiresAtMs } as const;
  return {
    reader: log.reader,
    publish: async (id) => {
      await log.run({ itemId: id, body: body(`headline of ${id}`), ...publish });
    },
    take: async (id, verb) => {
      if (verb === 'timeOver') {
        const command = (await log.redis.hget(record(id), 'textCommand')) ?? '';
        await log.redis.hset(keys.command(command), 'expires', '1');
        return;
      }
      const outcome = await run(id, verb);
      if (outcome.type !== 'appended') throw new Error(`${verb} ${id}: ${JSON.stringify(outcome)}`);
    },
    trim: async (seq) => {
      await log.redis.xtrim(keys.log, 'MINID', `${seq + 1}-0`);
    },
    loseTail: async (seq) => {
      const lost = await log.redis.xrange(keys.log, `(${seq}-0`, '+');
      await log.redis.xdel(keys.log, ...lost.map(([id]) => id));
      const [[, fields] = ['', []]] = await log.redis.xrevrange(keys.log, '+', '-', 'COUNT', 1);
      await log.redis.hset(keys.meta, { seq, hash: fields[fields.indexOf('h') + 1] ?? '' });
    },
    settleEpoch: () => log.worker.settleEpoch('en'),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

const shown = { status: 'usable', headline: expect.stringMatching(/^(headline of|corrected) i/) } as const;

/** What happens to an item after its publication, the item that the reader then gives, and whether it is listed. */
const rows: readonly (readonly [readonly Verb[], Partial<Tombstone | UsableItem>, boolean])[] = [
  [[], { ...shown, version: 1 }, true],
  [['correct'], { ...shown, version: 2 }, true],
  [['withhold'], { status: 'withheld', version: 2 }, false],
  [['withhold', 'release'], { ...shown, version: 3 }, true],
  [['withhold', 'retract'], { status: 'retracted', version: 3 }, false],
  [['withhold', 'retractWithNotice'], { status: 'retracted', notice, version: 3 }, false],
  [['expire'], { status: 'expired', version: 1 }, false],
  [['correct', 'expire'], { status: 'expired', version: 2 }, false],
  [['withhold', 'release', 'expire'], { status: 'expired', version: 3 }, false],
  [['withhold', 'timeOver', 'release'], { status: 'expired', version: 3 }, false],
  [['correct', 'withhold', 'timeOver', 'release'], { status: 'expired', version: 4 }, false],
  [['withhold', 'timeOver', 'release', 'retract'], { status: 'retracted', version: 4 }, false],
  [['expire', 'retract'], { status: 'retracted', version: 2 }, false],
  [['expire', 'retractWithNotice'], { status: 'retracted', notice, version: 2 }, false],
  [['retract'], { status: 'retracted', version: 2 }, false],
  [['retractWithNotice'], { status: 'retracted', notice, version: 2 }, true],
  [['retractWithNotice', 'clear'], { status: 'retracted', notice, version: 2 }, false],
];

const idOf = (at: number) => `i${at}`;

/** What every reader of a log does. */
export function testReader(place: string, open: () => Promise<Contract>): void {
  describe(`the reader of a log ${place}`, () => {
    testItems(open);
    testRanges(open);
  });
}

function testItems(open: () => Promise<Contract>): void {
  test('a reader gives an item in its current state, and no text of an item that is not shown', async () => {
    await using log = await open();
    for (const [at, [verbs]] of rows.entries()) {
      await log.publish(idOf(at));
      for (const verb of verbs) await log.take(idOf(at), verb);
    }
    const { items, entries, head } = await log.reader.load('en', { items: 100, entries: 100 });
    expect(entries.at(-1)?.seq).toBe(head.seq);
    for (const [at, [verbs, expected, isListed]] of rows.entries()) {
      const what = ['publish', ...verbs].join(', ');
      const item = await log.reader.item('en', idOf(at));
      expect(item, what).toMatchObject({ id: idOf(at), edition: 'en', language: 'en', dir: 'ltr', ...expected });
      const last = entries.findLast((entry) => entry.itemId === idOf(at));
      expect(Date.parse(item?.updatedAt ?? ''), what).toBe(last?.at);
      expect(item?.place, what).toBe(entries.find((entry) => entry.itemId === idOf(at))?.place);
      expect(item && 'notice' in item ? item.notice : undefined, what).toBe('notice' in expected ? notice : undefined);
      if (item?.status !== 'usable') expect(JSON.stringify(item), what).not.toMatch(/headline|corrected|politics/);
      expect(items.find((listed) => listed.item.id === idOf(at))?.item, what).toEqual(isListed ? item : undefined);
    }
    expect(await log.reader.item('en', 'never')).toBeNull();
  });

  test('IM-1: a reader pages through shown items only, newest place first', async () => {
    await using log = await open();
    for (const [at, [verbs]] of rows.entries()) {
      await log.publish(idOf(at));
      for (const verb of verbs) await log.take(idOf(at), verb);
    }
    const listed = rows.flatMap(([, , isListed], at) => (isListed ? idOf(at) : [])).toReversed();
    const idsOf = (items: readonly ShownItem[]) => items.map(({ item }) => item.id);
    const { items } = await log.reader.load('en', { items: 100, entries: 100 });
    expect(idsOf(items)).toEqual(listed);
    const all = await log.reader.history('en', Number.MAX_SAFE_INTEGER, 100);
    expect(all.items).toEqual(items);
    const [first, second] = items;
    const older = await log.reader.history('en', first?.item.place ?? 0, 1);
    expect(idsOf(older.items)).toEqual([second?.item.id]);
    expect(items.every((item) => item.facets.sections[0] === 'politics')).toBe(true);
  });

  test('the head is the newest entry, and seq 0 before there is one', async () => {
    await using log = await open();
    expect(await log.reader.head('en')).toMatchObject({ seq: 0 });
    for (const id of ['i1', 'i2']) {
      await log.publish(id);
      const head = await log.reader.head('en');
      const { head: loaded, entries } = await log.reader.load('en', { items: 10, entries: 10 });
      expect(head).toEqual(loaded);
      const { epoch, seq, hash } = entries.at(-1) ?? {};
      expect(head).toEqual({ epoch, seq, hash });
    }
  });

  test('a load gives at most as many items and entries as its limits, and the place below which it read nothing', async () => {
    await using log = await open();
    for (const id of ['i1', 'i2', 'i3']) await log.publish(id);
    const whole = await log.reader.load('en', { items: 4, entries: 4 });
    expect(whole.floor).toBe(0);
    expect(whole.items).toHaveLength(3);
    const part = await log.reader.load('en', { items: 2, entries: 1 });
    expect(part.items).toEqual(whole.items.slice(0, 2));
    expect(part.floor).toBe(part.items.at(-1)?.item.place);
    expect(part.entries).toEqual(whole.entries.slice(-1));
    expect(part.head).toEqual(whole.head);
  });
}

function testRanges(open: () => Promise<Contract>): void {
  test('a range has every entry after a position, oldest first, and none after the head', async () => {
    await using log = await open();
    for (const id of ['i1', 'i2', 'i3']) await log.publish(id);
    await log.take('i2', 'retract');
    const { entries, head } = await log.reader.load('en', { items: 10, entries: 10 });
    const [first] = entries;
    if (!first) throw new Error('no entry');
    expect(await log.reader.range('en', first)).toEqual(entries.slice(1));
    expect(await log.reader.range('en', head)).toEqual([]);
    // The text of a retracted item is in none of its entries.
    expect(entries.filter(({ itemId }) => itemId === 'i2').map(({ item }) => item)).toEqual([null, null]);
    for (const [at, entry] of entries.slice(1).entries()) expect(entry.before).toBe(entries[at]?.hash);
  });

  test('a range is null when the stream no longer reaches back to its position', async () => {
    await using log = await open();
    for (const id of ['i1', 'i2', 'i3']) await log.publish(id);
    const { entries } = await log.reader.load('en', { items: 10, entries: 10 });
    await log.trim(2);
    const [first, second] = entries;
    if (!first || !second) throw new Error('no entry');
    expect(await log.reader.range('en', first)).toBeNull();
    expect(await log.reader.range('en', second)).toEqual(entries.slice(2));
  });

  test('a range is rewritten where the log ends before its position or has another entry there', async () => {
    await using log = await open();
    for (const id of ['i1', 'i2', 'i3']) await log.publish(id);
    const { head, entries } = await log.reader.load('en', { items: 10, entries: 10 });
    const [, second] = entries;
    if (!second) throw new Error('no entry');
    expect(await log.reader.range('en', { ...second, hash: '0'.repeat(40) })).toBe('rewritten');
    await log.loseTail(2);
    expect(await log.reader.range('en', head)).toBe('rewritten');
    expect(await log.reader.range('en', second)).toEqual([]);
  });

  test('a suspected epoch ends in the next round of a worker, and its entries stay', async () => {
    await using log = await open();
    await log.publish('i1');
    const before = await log.reader.head('en');
    await log.reader.suspect('en', 'another epoch');
    await log.settleEpoch();
    expect(await log.reader.head('en')).toEqual(before);
    await log.reader.suspect('en', before.epoch);
    await log.settleEpoch();
    const after = await log.reader.head('en');
    expect(after.epoch).not.toBe(before.epoch);
    expect({ ...after, epoch: '' }).toEqual({ ...before, epoch: '' });
  });

  test('history returns how many items it read and their lowest place, and null at the end', async () => {
    await using log = await open();
    for (const id of ['i1', 'i2', 'i3']) await log.publish(id);
    const first = await log.reader.history('en', Number.MAX_SAFE_INTEGER, 2);
    expect(first).toMatchObject({ looked: 2, lowest: first.items.at(-1)?.item.place });
    const rest = await log.reader.history('en', first.lowest ?? 0, 2);
    expect(rest).toMatchObject({ looked: 1, lowest: null });
    expect(rest.items.map(({ item }) => item.id)).toEqual(['i1']);
  });
}
