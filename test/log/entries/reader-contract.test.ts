import { describe, expect, inject, test } from 'vitest';
import type { Tombstone, UsableItem } from '../../../src/item/item.ts';
import type { ShownItem } from '../../../src/log/entries/entry.ts';
import type { LogReader } from '../../../src/log/entries/log-reader.ts';
import { facets, MemoryLog } from '../../fanout/memory-log.ts';
import { bodyOf, openEditionLog } from '../edition-log.ts';

/** `timeOver`: its time ends, and what would take it away then finds it hidden. */
type Verb = 'timeOver' | 'correct' | 'withhold' | 'release' | 'expire' | 'retract' | 'retractWithNotice' | 'clear';

/** An edition in which a test makes things happen, and the reader of its log. */
interface Contract extends AsyncDisposable {
  readonly reader: LogReader;
  publish(id: string): Promise<void>;
  take(id: string, verb: Verb): Promise<void>;
}

const notice = 'A line was withdrawn.';
const itemFacets = facets();

async function inMemory(): Promise<Contract> {
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
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function inRedis(): Promise<Contract> {
  const log = await openEditionLog(inject('redisUrl'));
  const body = (headline: string) => bodyOf(headline, itemFacets);
  const expiresAtMs = log.desk.now() + 3_600_000;
  const record = (id: string) => `${log.prefix}:{en}:item:${id}`;
  /** What time asks for an hour or ten minutes later happens now. */
  const bringForward = async (letter: 'x' | 'n', id: string) => {
    const commandId = `${letter}_${id}_${await log.redis.hget(record(id), 'version')}`;
    await log.redis.hset(`${log.prefix}:{en}:command:${commandId}`, 'due', '1');
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
        await log.redis.hset(`${log.prefix}:{en}:command:${command}`, 'expires', '1');
        return;
      }
      const outcome = await run(id, verb);
      if (outcome.type !== 'appended') throw new Error(`${verb} ${id}: ${JSON.stringify(outcome)}`);
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}

const shown = { status: 'usable', headline: expect.stringMatching(/^(headline of|corrected) i/) } as const;

/** What happens to an item after its publication, and what its reader is given then. */
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

describe.each([
  ['in memory', inMemory],
  ['in Redis', inRedis],
])('a reader of the log %s', (_name, open) => {
  test('gives an item as it stands, and of one that is not shown no word of its text', async () => {
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

  test('IM-1: pages through what is shown, newest place first, and lists nothing else', async () => {
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
});
