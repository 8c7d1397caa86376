import { expect, test } from 'vitest';
import { check } from '../../../torture/checker/checker.ts';
import type { EventOf, HistoryEvent, LoggedEntry, Transport } from '../../../torture/checker/history.ts';

const item = (seq: number, prev: number, headline = `Line ${seq}`) =>
  JSON.stringify({ type: 'item', seq, prev, change: 'new', item: { id: `i${seq}`, version: 1, headline } });
const heard = (reader: string, frame: object | string): HistoryEvent => ({
  e: 'heard',
  at: 3,
  reader,
  frame: typeof frame === 'string' ? frame : JSON.stringify(frame),
});
const asked = (op: number, headline: string | null = `Line ${op}`, id: string | null = null): HistoryEvent => ({
  e: 'asked',
  at: 1,
  op,
  kind: headline === null ? 'retract' : 'publish',
  id,
  headline,
});
const answered = (op: number, outcome: 'accepted' | 'refused' | 'unknown', sentAt = 1): HistoryEvent => ({
  e: 'answered',
  at: 2,
  op,
  sentAt,
  outcome,
  status: 0,
  ...(outcome === 'accepted' ? { id: `i${op}`, version: 1 } : { id: null, version: null }),
});
const entry = (seq: number, change: Partial<LoggedEntry> = {}): LoggedEntry => ({
  seq,
  id: `i${seq}`,
  version: 1,
  headline: `Line ${seq}`,
  was: null,
  now: ['politics'],
  ...change,
});
const log = (entries: readonly LoggedEntry[], change: { epoch?: string; broken?: string } = {}): HistoryEvent => ({
  e: 'log',
  at: 4,
  epoch: 'one',
  broken: null,
  entries,
  shown: entries.toReversed().map(({ seq, id, version }) => ({ id, version, place: seq, sections: ['politics'] })),
  ...change,
});
const ended = (seq: number, shown: readonly string[], change: object = {}): HistoryEvent => ({
  e: 'ended',
  at: 5,
  reader: 'r',
  section: null,
  isLive: true,
  epoch: 'one',
  seq,
  floor: 0,
  shown,
  ...change,
});
const fault = (losesData = false): HistoryEvent => ({ e: 'fault', fault: 'f', at: 0, losesData });
const healed = (at: number): HistoryEvent => ({ e: 'healed', at });
const snapshot = (reader: string, seq: number) => heard(reader, { type: 'snapshot', epoch: 'one', seq, items: [] });

/** Two lines, accepted, in the log, and at a reader that ends live. */
const good = [
  fault(),
  asked(1),
  answered(1, 'accepted'),
  asked(2),
  answered(2, 'accepted'),
  snapshot('r', 0),
  heard('r', item(1, 0)),
  heard('r', { type: 'beat', seq: 1, prev: 1, stale: false }),
  heard('r', item(2, 1)),
  log([entry(1), entry(2)]),
  ended(2, ['i2 1', 'i1 1']),
] as const;

/** `good` with the first event like `instead` replaced by what is given. */
function but(at: number, ...instead: readonly HistoryEvent[]): readonly HistoryEvent[] {
  return good.toSpliced(at, 1, ...instead);
}

test('a history in which everything was kept has no violation, and its account adds up', () => {
  expect(check(good)).toEqual({
    accounts: [{ fault: 'f', accepted: 2, refused: 0, unknown: 0, declared: 0 }],
    violations: [],
  });
});

test.each<[string, string, readonly HistoryEvent[]]>([
  ['lost', 'an accepted line is not in the log', [...good.slice(0, 9), log([entry(1)]), ended(1, ['i1 1'])]],
  [
    'doubled',
    'a line has two entries',
    but(9, log([entry(1), entry(2), entry(3, { headline: 'Line 2', version: 2 })])),
  ],
  ['ghost', 'a refused line is in the log', but(4, answered(2, 'refused'))],
  ['ghost', 'an entry is the work of nobody', [...good.slice(0, 9), log([entry(1), entry(2), entry(3)]), ended(3, [])]],
  ['gap', 'the log leaves out a seq', but(9, log([entry(1), entry(3, { id: 'i2', headline: 'Line 2' })]))],
  [
    'gap',
    'a reader is sent what does not follow',
    [...good.slice(0, 9), { e: 'gap', at: 3, reader: 'r' }, ...good.slice(9)],
  ],
  ['gap', 'a reader ends behind the log', but(10, ended(1, ['i2 1', 'i1 1']))],
  ['gap', 'a reader ends in another epoch', but(10, ended(2, ['i2 1', 'i1 1'], { epoch: 'two' }))],
  ['gap', 'a reader ends without a connection', but(10, ended(2, ['i2 1', 'i1 1'], { isLive: false }))],
  ['gap', 'a reader shows another version', but(10, ended(2, ['i2 1', 'i1 2']))],
  ['gap', 'a reader lacks a line', but(10, ended(2, ['i1 1']))],
  ['order', 'an entry comes twice', [...good.slice(0, 9), heard('r', item(2, 1)), ...good.slice(9)]],
  ['order', 'a position goes back', [...good.slice(0, 9), snapshot('r', 1), ...good.slice(9)]],
  ['order', 'a beat goes back', [...good.slice(0, 9), heard('r', { type: 'beat', seq: 1, prev: 0 }), ...good.slice(9)]],
  [
    'bytes',
    'two readers hear different bytes',
    [...good.slice(0, 9), snapshot('s', 1), heard('s', item(2, 1, 'Other')), ...good.slice(9)],
  ],
  [
    'epoch',
    'an epoch changes though nothing was lost',
    [...good, fault(), log([entry(1), entry(2)], { epoch: 'two' })],
  ],
  ['chain', 'the chain does not fit', but(9, log([entry(1), entry(2)], { broken: 'entry 2 has been changed' }))],
])('%s: %s', (kind, _, history) => {
  expect(check(history).violations.map((violation) => violation.kind)).toContain(kind);
});

test('a frame with what is below a line differs from the default frame, and from no other full frame', () => {
  const line = item(2, 1).replace('"item":{', '"item":{"hasMore":true,');
  const full = item(2, 1).replace('"item":{', '"item":{"paragraphs":["More."],');
  const others = (frame: string) => [snapshot('s', 1), heard('s', line), snapshot('t', 1), heard('t', frame)];
  const kinds = (frame: string) =>
    check([...good.slice(0, 8), heard('r', full), ...others(frame), ...good.slice(9)]).violations.map(
      ({ kind }) => kind,
    );
  expect(kinds(full)).not.toContain('bytes');
  expect(kinds(full.replace('More.', 'Less.'))).toContain('bytes');
  expect(kinds(line.replace('true', 'true,"x":1'))).toContain('bytes');
});

test('what was unknown may be in the log once or not at all', () => {
  expect(check(but(4, answered(2, 'unknown'))).violations).toEqual([]);
  expect(
    check([...but(4, answered(2, 'unknown')).slice(0, 8), log([entry(1)]), ended(1, ['i1 1'])]).violations,
  ).toEqual([]);
  const twice = but(4, answered(2, 'unknown')).toSpliced(
    9,
    1,
    log([entry(1), entry(2), entry(3, { headline: 'Line 2' })]),
  );
  expect(check(twice).violations.map(({ kind }) => kind)).toContain('doubled');
});

test('what was unknown and says nothing explains one entry, and no other in a later fault', () => {
  const second = { id: 'i2', headline: null };
  const unknown = [...good.slice(0, 9), asked(3, null, 'i2'), answered(3, 'unknown')] as const;
  const first = log([entry(1), entry(2), entry(3, { ...second, version: 2 })]);
  const later = log([entry(1), entry(2), entry(3, { ...second, version: 2 }), entry(4, { ...second, version: 3 })]);
  expect(check([...unknown, first]).violations).toEqual([]);
  expect(check([...unknown, first, fault(), later]).violations).toMatchObject([{ kind: 'ghost' }]);
});

test('what went with the data of a Redis that lost some is declared, and every reader ends in the new epoch', () => {
  const lost = [
    fault(true),
    ...good.slice(1, 9),
    healed(2),
    log([entry(1)], { epoch: 'two' }),
    ended(1, ['i1 1'], { epoch: 'two' }),
  ];
  expect(check(lost)).toMatchObject({ accounts: [{ accepted: 2, declared: 1 }], violations: [] });
});

const kindsOf = (history: readonly HistoryEvent[]) => check(history).violations.map(({ kind }) => kind);

test('what was asked of the Redis that stays is lost when it is not in the log, whatever went before', () => {
  const lost = (sentAt: number) => [
    fault(true),
    ...good.slice(1, 4),
    healed(2),
    answered(2, 'accepted', sentAt),
    log([entry(1)], { epoch: 'two' }),
  ];
  expect(kindsOf(lost(1))).toEqual([]);
  expect(kindsOf(lost(2))).toEqual(['lost']);
});

test('data that went without a new epoch is a violation, also in the first fault and of lines from before', () => {
  const first = [fault(true), ...good.slice(1, 9), healed(2), log([entry(1)])];
  expect(kindsOf(first)).toEqual(['epoch']);
  const later = (epoch: string) => [...good, fault(true), healed(6), log([entry(1)], { epoch })];
  expect(kindsOf(later('one'))).toEqual(['epoch']);
  expect(kindsOf(later('two'))).toEqual([]);
});

test('after a failover the log may have a new epoch, and what was accepted is in it', () => {
  const failsOver: HistoryEvent = { e: 'fault', fault: 'f', at: 0, losesData: false, failsOver: true };
  const after = (entries: readonly LoggedEntry[]) => [...good, failsOver, healed(6), log(entries, { epoch: 'two' })];
  expect(kindsOf(after([entry(1), entry(2)]))).toEqual([]);
  expect(kindsOf(after([entry(1)]))).toEqual(['lost']);
});

test('an entry that a later fault doubles is found there, and once', () => {
  const again = entry(3, { headline: 'Line 2', version: 2 });
  const later = [...good, { ...fault(), fault: 'g' }, log([entry(1), entry(2), again])] as const;
  expect(check(later).violations).toMatchObject([{ fault: 'g', kind: 'doubled' }]);
  expect(check([...later, fault(), log([entry(1), entry(2), again])]).violations).toHaveLength(1);
});

test('an entry that a later fault takes out of the log is lost', () => {
  const later = [...good, { ...fault(), fault: 'g' }, log([entry(1)])] as const;
  expect(check(later).violations).toMatchObject([{ fault: 'g', kind: 'lost' }]);
});

/** Three lines, of which the reader hears the first and the last. */
function leftOut(between: Partial<LoggedEntry>, change: object = {}, last: object | string = item(3, 1)) {
  return [
    ...good.slice(0, 8),
    asked(3),
    answered(3, 'accepted'),
    heard('r', last),
    { ...log([entry(1), entry(2, between), entry(3)]), shown: [] },
    ended(3, [], change),
  ] as const;
}

test('an entry that a reader was led past is reported, although prev fits', () => {
  expect(kindsOf(leftOut({}))).toEqual(['unheard']);
  expect(kindsOf(leftOut({ now: null, was: ['sports'] }))).toEqual(['unheard']);
  expect(kindsOf(leftOut({}, {}, { type: 'beat', seq: 3, prev: 1, stale: false }))).toEqual(['unheard', 'unheard']);
});

test('an entry that shows nothing and takes nothing away is in no feed', () => {
  expect(kindsOf(leftOut({ now: null }))).toEqual([]);
});

test('a snapshot stands for all that came before it', () => {
  expect(kindsOf(leftOut({}, {}, { type: 'snapshot', epoch: 'one', seq: 3, items: [] }))).toEqual([]);
});

test('a reader of a section needs each entry of an item that is or was in it', () => {
  const at = { section: 'sports' };
  const beat = { type: 'beat', seq: 3, prev: 1, stale: false };
  expect(kindsOf(leftOut({}, at, beat))).toEqual([]);
  expect(kindsOf(leftOut({ now: ['sports'] }, at, beat))).toEqual(['unheard']);
  expect(kindsOf(leftOut({ was: ['sports'] }, at, beat))).toEqual(['unheard']);
});

test('a reader shows all down to its floor', () => {
  expect(kindsOf(but(10, ended(2, ['i2 1'], { floor: 2 })))).toEqual([]);
  expect(kindsOf(but(10, ended(2, ['i2 1'], { floor: 1 })))).toEqual(['gap']);
  expect(kindsOf(but(10, ended(2, ['i2 1', 'i1 1', 'i0 1'])))).toEqual(['gap']);
});

test('a reader of a section is held to what is in it', () => {
  const narrow = (shown: readonly string[]) => but(10, ended(2, shown, { section: 'sports' }));
  expect(check(narrow([])).violations).toEqual([]);
  expect(check(narrow(['i2 1'])).violations.map(({ kind }) => kind)).toContain('gap');
});

/** A reader that was there before everything, and what the desk was shown of its second line at 6. */
function shown(
  proof: Partial<EventOf<'proof'>>,
  { transport = 'websocket' as Transport, toldAt = 3, closedAt = 0, section = null as string | null } = {},
): readonly HistoryEvent[] {
  const counts = { targeted: 1, written: 1, caughtUp: 0, waiting: 0, left: 0, silent: [] };
  return [
    fault(),
    { e: 'opened', at: 0, reader: 'r', transport, section },
    { ...snapshot('r', 0), at: 0 },
    asked(2),
    answered(2, 'accepted'),
    ...(toldAt === 3 ? [heard('r', item(1, 0).replaceAll('i1', 'i2'))] : []),
    { e: 'proof', at: 6, id: 'i2', version: 1, seq: 1, state: 'proven', ...counts, ...proof },
    ...(closedAt > 0 ? [{ e: 'closed', at: closedAt, reader: 'r' } as const] : []),
    ...(toldAt > 3 ? [{ ...heard('r', item(1, 0).replaceAll('i1', 'i2')), at: toldAt }] : []),
    log([entry(1, { id: 'i2', headline: 'Line 2' })]),
  ];
}

test('an account that adds up, with room for whom it was for, is none of the checker', () => {
  expect(kindsOf(shown({}))).toEqual([]);
  expect(kindsOf(shown({ state: 'partial', written: 0, waiting: 1, silent: ['p2'] }))).toEqual([]);
  // A reader that gives up may still be connected to a fan-out that has not noticed.
  expect(kindsOf(shown({ written: 0, left: 1 }, { closedAt: 4, toldAt: 0 }))).toEqual([]);
});

test('an account counts each reader that received the entry once, and no other reader', () => {
  expect(kindsOf(shown({ written: 1, left: 1 }))).toEqual(['account', 'account']);
  expect(kindsOf(shown({ targeted: -1, written: -1 }))).toContain('account');
  expect(kindsOf(shown({ targeted: 2, written: 2 }))).toEqual(['account']);
  expect(kindsOf(shown({ targeted: 0, written: 0 }))).toEqual(['account']);
  expect(kindsOf(shown({ targeted: 0, written: 0 }, { transport: 'polls' }))).toEqual([]);
  // A poll that was answered has not left.
  expect(kindsOf(shown({ written: 0, left: 1 }, { transport: 'polls' }))).toEqual(['account']);
  expect(kindsOf(shown({}, { section: 'sports' }))).toEqual(['account']);
});

test('a poll that missed more than one answer takes may leave before the newest entries', () => {
  const more = Array.from({ length: 101 }, (_, n) => heard('r', item(1, 0).replaceAll('i1', `i${n + 3}`)));
  const history = (transport: Transport) => {
    const events = shown({ written: 0, left: 1 }, { transport });
    return [...events.slice(0, 3), ...more, ...events.slice(3)];
  };
  expect(kindsOf(history('polls')).filter((kind) => kind === 'account')).toEqual([]);
  expect(kindsOf(history('events')).filter((kind) => kind === 'account')).not.toEqual([]);
});

test('nothing is proven while a reader that is connected still shows what was there before', () => {
  expect(kindsOf(shown({}, { toldAt: 1_506 }))).toEqual([]);
  expect(kindsOf(shown({}, { toldAt: 1_507 }))).toEqual(['proof']);
  expect(kindsOf(shown({}, { toldAt: 9_000, transport: 'polls' }))).toEqual([]);
  expect(kindsOf(shown({ state: 'partial', written: 0, waiting: 1 }, { toldAt: 9_000 }))).toEqual([]);
  expect(kindsOf(shown({}, { toldAt: 0, closedAt: 900 }))).toEqual([]);
  expect(kindsOf(shown({}, { toldAt: 0, closedAt: 9_000 }))).toContain('proof');
});

test('where readers are cut off silently, what was written to one may be lost', () => {
  const cut = (cutsReaders: boolean): readonly HistoryEvent[] => [
    { e: 'fault', fault: 'f', at: 0, losesData: false, cutsReaders },
    ...shown({}, { toldAt: 9_000 }).slice(1),
  ];
  expect([false, true].map((cutsReaders) => kindsOf(cut(cutsReaders)))).toEqual([['proof'], []]);
});

test('a process that calls the roll is known, whatever it says', () => {
  const called = (isKnown: boolean) => [...good, { e: 'called', at: 6, process: 'p1', isKnown }] as const;
  expect([true, false].map((isKnown) => kindsOf(called(isKnown)))).toEqual([[], ['account']]);
});

/** Two lines of which the second was sent before or after the first was acknowledged, in the log the wrong way round. */
function turned(isAcknowledged: boolean, second: HistoryEvent = asked(2)) {
  const [ask, answer] = [asked(1), answered(1, 'accepted')];
  const entries = [entry(1, { id: 'i2', headline: 'Line 2' }), entry(2, { id: 'i1', headline: 'Line 1' })];
  const told = isAcknowledged ? [ask, answer, second] : [ask, second, answer];
  return [fault(), ...told, answered(2, 'accepted'), log(entries)];
}

test('a line that was acknowledged before another was sent stands before it', () => {
  expect(check(turned(true)).violations).toMatchObject([
    { kind: 'acknowledged', what: expect.stringMatching(/^Line 2/) },
  ]);
  expect(kindsOf(turned(false))).toEqual([]);
  // What has a queue of its own may overtake; a line is found once.
  expect(kindsOf(turned(true, asked(2, null, 'i2')))).toEqual([]);
  const again = turned(true);
  expect(kindsOf([...again, ...again.slice(-1)])).toEqual(['acknowledged']);
});

test('STOP lets out nothing that readers are shown', () => {
  const held = (from: number, to: number) => ({ e: 'held', at: 3, from, to }) as const;
  const hidden = entry(2, { id: 'i1', version: 2, headline: null, was: ['politics'], now: null });
  const under = (span: HistoryEvent, second: LoggedEntry) =>
    kindsOf([
      fault(),
      asked(1),
      answered(1, 'accepted'),
      asked(2),
      answered(2, 'accepted'),
      span,
      log([entry(1), second]),
    ]);
  expect(under(held(1, 2), entry(2))).toEqual(['held']);
  expect(under(held(0, 1), entry(2))).toEqual(['held']);
  expect(under(held(2, 2), entry(2))).toEqual([]);
  expect(under(held(1, 2), hidden)).not.toContain('held');
});

test('withdrawn text is in no memory, in none of its versions', () => {
  const remembered = (...headlines: string[]) => ({ e: 'remembered', at: 6, process: 'fanout-1', headlines }) as const;
  const retracted = [
    ...good.slice(0, 9),
    asked(3, null, 'i1'),
    { ...answered(3, 'accepted'), id: 'i1', version: 2 } as HistoryEvent,
    {
      ...log([entry(1), entry(2), entry(3, { id: 'i1', version: 2, headline: null, now: null })]),
      shown: [],
    } as HistoryEvent,
  ];
  expect(kindsOf([...retracted, remembered('Line 2')])).toEqual([]);
  expect(kindsOf([...retracted, remembered('Line 2', 'Line 1')])).toEqual(['remembered']);
});

test('the end of a notice, which the clock appends, is no second entry of its retraction, and a reader may not have it yet', () => {
  const retraction = entry(3, { id: 'i1', version: 2, headline: null, was: ['politics'], now: null });
  const end = { ...retraction, seq: 4 };
  const removal = { type: 'removal', seq: 3, prev: 2, id: 'i1', version: 2, reason: 'retracted' };
  const until = (last: LoggedEntry, seq: number) => [
    ...good.slice(0, -2),
    asked(3, null, 'i1'),
    { ...answered(3, 'accepted'), id: 'i1', version: 2 } as HistoryEvent,
    heard('r', removal),
    {
      ...(log([entry(1), entry(2), retraction, last]) as EventOf<'log'>),
      shown: [{ id: 'i2', version: 1, place: 2, sections: ['politics'] }],
    },
    ended(seq, ['i2 1']),
  ];
  const kinds = (events: readonly HistoryEvent[]) => check(events).violations.map(({ kind }) => kind);
  const ofClock = kinds(until({ ...end, isByClock: true }, 3)).filter((kind) => kind === 'doubled' || kind === 'gap');
  expect(ofClock).toEqual([]);
  expect(kinds(until(end, 3))).toEqual(expect.arrayContaining(['doubled', 'gap']));
});
