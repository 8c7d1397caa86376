import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { AcceptRequest } from '../../src/log/commands/desk-log.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../log/edition-log.ts';

type Action = Extract<AcceptRequest['action'], 'publish' | 'edit' | 'withhold' | 'release' | 'retract' | 'cancel'>;

const asked = fc.record({
  item: fc.nat(1),
  // Retractions are rare, so that items live long enough for races.
  action: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom<Action>('publish', 'edit', 'withhold', 'release') },
    { weight: 1, arbitrary: fc.constantFrom<Action>('retract', 'cancel') },
  ),
  /** How many workers append the command concurrently with the rest of its round. 0: it is appended later. */
  appends: fc.constantFrom(0, 0, 1, 3),
});

/** One API request, then its appends. Every accepted command is appended once more at the end, in any order. */
async function take(
  log: EditionLog,
  itemId: string,
  { action, appends }: { action: Action; appends: number },
): Promise<string[]> {
  const outcome = await log.accept({
    action,
    itemId,
    body: bodyOf(`Line ${itemId}`),
    notice: 'Withdrawn.',
    change: 'corrected',
  });
  if (outcome.type !== 'accepted') return [];
  await Promise.all(Array.from({ length: appends }, () => log.append(outcome.commandId)));
  return [outcome.commandId];
}

const rounds = fc.array(fc.array(asked, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });

async function check(log: EditionLog, taken: Parameters<typeof play>[1], seed: number): Promise<void> {
  const items = [log.newId(), log.newId()];
  const commands = await play(log, taken, items);
  const late = shuffled(commands, seed);
  for (const command of late) await log.append(command);
  const { entries, items: shown } = await log.reader.load('en', { items: 100, entries: 1_000 });

  expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, at) => at + 1));
  expect(new Set(entries.map((entry) => entry.commandId)).size).toBe(entries.length);
  for (const id of items) {
    const versions = entries.filter((entry) => entry.itemId === id).map((entry) => entry.version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    const item = await log.desk.item('en', id);
    const line = shown.find((candidate) => candidate.item.id === id)?.item;
    // The log ends with the state that the API has, in whatever order commands were appended.
    expect(line?.status === 'usable').toBe(item?.state === 'published');
    if (item?.state !== 'retracted') continue;
    const places = (await log.dump()).filter(({ text }) => text.includes(`Line ${id}`)).map(({ key }) => key);
    expect(places).toEqual([`${log.prefix}:{en}:versions:${id}`]);
  }
}

/** Runs rounds in sequence, and all requests of a round concurrently. Returns every accepted command. */
async function play(
  log: EditionLog,
  taken: readonly (readonly { item: number; action: Action; appends: number }[])[],
  items: readonly string[],
): Promise<readonly string[]> {
  const commands: string[] = [];
  for (const round of taken) {
    const accepted = await Promise.all(round.map((request) => take(log, items[request.item] ?? '', request)));
    commands.push(...accepted.flat());
  }
  return commands;
}

/** Deterministic for a seed, so that fast-check can shrink. */
function shuffled(commands: readonly string[], seed: number): readonly string[] {
  const rank = (at: number) => ((at + 1) * 7_919 * (seed + 1)) % 104_729;
  return commands
    .map((command, at) => ({ command, rank: rank(at) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}

test('invariants 1, 2 and 3 hold while desks, workers and retractions race', async () => {
  await fc.assert(
    fc.asyncProperty(rounds, fc.nat(10_000), async (taken, seed) => {
      await using log = await openEditionLog(inject('redisUrl'));
      await check(log, taken, seed);
    }),
    { numRuns: 150 },
  );
});
