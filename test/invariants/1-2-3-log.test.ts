import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { AcceptRequest } from '../../src/log/commands/desk-log.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../log/edition-log.ts';

type Step =
  | { readonly type: 'ask'; readonly action: AcceptRequest['action']; readonly item: number }
  /** Picks any accepted command, so that some run late, out of order and more than once. */
  | { readonly type: 'append'; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('ask' as const),
    action: fc.constantFrom('publish', 'edit', 'edit', 'withhold', 'release', 'retract', 'cancel'),
    item: fc.nat(2),
  }),
  fc.record({ type: fc.constant('append' as const), pick: fc.nat(1_000) }),
);

interface Run {
  readonly commands: string[];
  /** The outcomes of appends, by command. */
  readonly outcomes: Map<string, Set<string>>;
}

async function play(log: EditionLog, steps: readonly Step[]): Promise<Run> {
  const items = [log.newId(), log.newId(), log.newId()];
  const run: Run = { commands: [], outcomes: new Map() };
  for (const current of steps) {
    if (current.type === 'append') {
      const commandId = run.commands[current.pick % Math.max(1, run.commands.length)];
      if (commandId === undefined) continue;
      const outcome = await log.append(commandId);
      const said = run.outcomes.get(commandId) ?? new Set();
      run.outcomes.set(commandId, said.add(outcome.type === 'appended' ? `seq ${outcome.seq}` : outcome.type));
    } else {
      const itemId = items[current.item] ?? '';
      const version = (await log.desk.item('en', itemId))?.version;
      const outcome = await log.accept({
        action: current.action,
        itemId,
        body: bodyOf(`Line ${run.commands.length}`),
        notice: 'Withdrawn.',
        change: 'corrected',
        ...(current.action === 'edit' && { ifMatch: version ?? 0 }),
      });
      if (outcome.type === 'accepted') run.commands.push(outcome.commandId);
    }
  }
  return run;
}

const entriesOf = async (log: EditionLog) => (await log.reader.load('en', { items: 1_000, entries: 1_000 })).entries;

async function check(verify: (log: EditionLog, run: Run) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      await using log = await openEditionLog(inject('redisUrl'));
      await verify(log, await play(log, steps));
    }),
    { numRuns: 40 },
  );
}

test('invariant 1: seq has no gaps in an epoch', async () => {
  await check(async (log) => {
    const entries = await entriesOf(log);
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, at) => at + 1));
    expect(new Set(entries.map((entry) => entry.epoch)).size).toBeLessThanOrEqual(1);
    expect(await log.reader.head('en')).toMatchObject({ seq: entries.length });
  });
});

test('invariant 2: the same command appended twice is one entry', async () => {
  await check(async (log, run) => {
    const ids = (await entriesOf(log)).map((entry) => entry.commandId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const said of run.outcomes.values())
      expect([...said].filter((outcome) => outcome.startsWith('seq')).length).toBeLessThanOrEqual(1);
  });
});

test('invariant 2: fifty concurrent appends of one command are one entry', async () => {
  await using log = await openEditionLog(inject('redisUrl'));
  const outcome = await log.accept({ action: 'publish', itemId: log.newId(), body: bodyOf('Once') });
  if (outcome.type !== 'accepted') throw new Error('refused');
  const appended = await Promise.all(Array.from({ length: 50 }, () => log.append(outcome.commandId)));
  expect(appended.map((one) => one.type === 'appended' && one.seq)).toEqual(Array(50).fill(1));
  expect(await entriesOf(log)).toHaveLength(1);
});

test('IM-2, IM-5: invariant 3: versions only rise, and a retracted item stays retracted', async () => {
  await check(async (log) => {
    const newest = new Map<string, { version: number; isRetracted: boolean }>();
    for (const entry of await entriesOf(log)) {
      const known = newest.get(entry.itemId);
      if (known?.isRetracted) expect(entry.now).toBeNull();
      if (known) expect(entry.version).toBeGreaterThan(known.version);
      newest.set(entry.itemId, { version: entry.version, isRetracted: entry.reason === 'retracted' });
    }
    for (const [id, { isRetracted }] of newest) {
      if (isRetracted) expect(await log.reader.item('en', id)).toMatchObject({ status: 'retracted' });
    }
  });
});
