import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  type ItemAction,
  itemActions,
  itemStates,
  possibleActions,
  type Standing,
} from '../../../src/item/lifecycle.ts';
import type { AcceptOutcome, AcceptRequest } from '../../../src/log/commands/desk-log.ts';
import { bodyOf, type EditionLog, openEditionLog } from '../edition-log.ts';

let log: EditionLog;
beforeAll(async () => {
  log = await openEditionLog(inject('redisUrl'));
});
afterAll(() => log[Symbol.asyncDispose]());

const body = bodyOf('Mayor resigns');
const hour = 3_600_000;

/** What an editor sends with an action. */
const contentOf: Readonly<Record<ItemAction | 'publish', Omit<Partial<AcceptRequest>, 'action' | 'itemId'>>> = {
  publish: { body },
  'publish-draft': {},
  edit: { body: bodyOf('Mayor resigns at noon'), change: 'corrected' },
  withhold: {},
  release: {},
  retract: { reason: 'wrong', notice: 'A line was withdrawn.' },
  cancel: {},
};

type Do = (action: ItemAction | 'publish', more?: Partial<AcceptRequest>) => Promise<AcceptOutcome>;

/** Accepts, and appends what is due. */
async function out(outcome: Promise<AcceptOutcome>): Promise<void> {
  const accepted = await outcome;
  if (accepted.type !== 'accepted') throw new Error(accepted.problem);
  await log.append(accepted.commandId);
}

/** Every standing that an item can have, and how it comes to it. */
const standings: readonly (readonly [name: string, Standing, (act: Do, itemId: string) => Promise<unknown>])[] = [
  ['draft', standing('draft', false), (act) => act('publish', { draft: true })],
  ['held', standing('held', false), (act) => act('publish', { holdMs: hour })],
  ['scheduled', standing('scheduled', false), (act) => act('publish', { publishAtMs: log.desk.now() + hour })],
  ['queued', standing('queued', false), (act) => act('publish')],
  ['published', standing('published', true), (act) => out(act('publish'))],
  [
    'published with a held correction',
    { state: 'published', isOut: true, hasHeldCorrection: true },
    async (act) => {
      await out(act('publish'));
      await act('edit', { holdMs: hour });
    },
  ],
  [
    'withheld',
    standing('withheld', true),
    async (act) => {
      await out(act('publish'));
      await out(act('withhold'));
    },
  ],
  [
    'withheld before it was out',
    standing('withheld', false),
    async (act) => {
      await act('publish');
      await act('withhold');
    },
  ],
  [
    'expired',
    standing('expired', true),
    async (act, itemId) => {
      await out(act('publish', { expiresAtMs: log.desk.now() + hour }));
      // Its expiry becomes due now.
      const expiry = `x_${itemId.toLowerCase()}_1`;
      await log.redis.hset(`${log.prefix}:{en}:command:${expiry}`, 'due', '1');
      await log.append(expiry);
    },
  ],
  [
    'retracted',
    standing('retracted', true),
    async (act) => {
      await out(act('publish'));
      await out(act('retract'));
    },
  ],
  [
    'cancelled',
    standing('cancelled', false),
    async (act) => {
      await act('publish', { draft: true });
      await act('cancel');
    },
  ],
];

function standing(state: Standing['state'], isOut: boolean): Standing {
  return { state, isOut, hasHeldCorrection: false };
}

test('the standings have every state of an item', () => {
  expect(new Set(standings.map(([, { state }]) => state))).toEqual(new Set(itemStates));
});

describe.each(standings)('accept.lua, for an item that is %s,', (_name, expected, bring) => {
  test.each(itemActions)('decides %s as the table of actions says', async (action) => {
    const itemId = log.newId();
    const act: Do = (what, more) => log.accept({ action: what, itemId, ...contentOf[what], ...more });
    await bring(act, itemId);
    const before = await log.desk.item('en', itemId);
    expect(before).toMatchObject({ state: expected.state });
    expect(before?.publishedVersion !== null).toBe(expected.isOut);
    const outcome = await act(action, action === 'edit' && before ? { ifMatch: before.version } : {});
    const isPossible = possibleActions(expected).includes(action);
    if (isPossible) expect(outcome).toMatchObject({ type: 'accepted' });
    else
      expect(outcome).toMatchObject({
        type: 'refused',
        problem: expected.state === 'retracted' ? 'item-retracted' : 'wrong-state',
      });
  });
});
