import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Event, publicState, type State, transition } from '../../src/client/feed-state.ts';

const stateNames: Readonly<Record<State, true>> = {
  connecting: true,
  live: true,
  delayed: true,
  'catching up': true,
  reconnecting: true,
  waiting: true,
  refused: true,
  asleep: true,
  closed: true,
};
const states = Object.keys(stateNames) as State[];

/** When an event can happen. */
const sources: Readonly<Record<Event, 'connection' | 'plan' | 'page' | 'caller'>> = {
  live: 'connection',
  delayed: 'connection',
  'catching up': 'connection',
  reconnect: 'connection',
  lost: 'connection',
  refused: 'connection',
  due: 'plan',
  online: 'page',
  offline: 'page',
  hidden: 'page',
  visible: 'page',
  close: 'caller',
};
const events = Object.keys(sources) as Event[];

interface Model {
  readonly state: State;
  readonly hasConnection: boolean;
  readonly hasPlan: boolean;
  readonly isListening: boolean;
}

const start: Model = { state: 'connecting', hasConnection: true, hasPlan: false, isListening: true };

function canHappen(model: Model, event: Event): boolean {
  return { connection: model.hasConnection, plan: model.hasPlan, page: model.isListening, caller: true }[
    sources[event]
  ];
}

/** Executes the effect of a transition on a model of the feed. */
function step(model: Model, event: Event): Model {
  const [next, effect] = transition(model.state, event);
  const after = { ...model, state: next ?? model.state, hasPlan: model.hasPlan && event !== 'due' };
  switch (effect) {
    case 'open':
      return { ...after, hasConnection: true, hasPlan: false };
    case 'close':
      return { ...after, hasConnection: false, hasPlan: false };
    case 'plan':
    case 'hurry':
      return { ...after, hasPlan: true };
    case 'retry':
      return { ...after, hasConnection: false, hasPlan: true };
    case 'end':
      return { ...after, hasConnection: false, hasPlan: false, isListening: false };
    default:
      return after;
  }
}

/** What is true of a feed as long as it is in a state. A plan beside a connection is that of a drain, or of a network that has returned. */
function expectConsistent({ state, hasConnection, hasPlan, isListening }: Model): void {
  const isConnected = !['waiting', 'refused', 'asleep', 'closed'].includes(state);
  expect({ state, hasConnection }).toEqual({ state, hasConnection: isConnected });
  if (!isConnected) expect({ state, hasPlan }).toEqual({ state, hasPlan: state === 'waiting' });
  expect({ state, isListening }).toEqual({ state, isListening: state !== 'closed' });
}

describe('the table of the SDK', () => {
  test('the table of the SDK keeps a connection, a plan and the signals of the page consistent with the state after every sequence of events', () => {
    const reached = new Set<State>();
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 30 }), (sequence) => {
        let model = start;
        for (const event of sequence.filter((name) => name !== 'close')) {
          if (!canHappen(model, event)) continue;
          model = step(model, event);
          expectConsistent(model);
          reached.add(model.state);
        }
        model = step(model, 'close');
        expectConsistent(model);
        reached.add(model.state);
      }),
      { numRuns: 2_000 },
    );
    expect([...reached].sort()).toEqual([...states].sort());
  });

  test('the table of the SDK has no event that leaves the closed state, or has an effect in it', () => {
    for (const event of events) expect(transition('closed', event)).toEqual([null]);
  });

  test('CL-1: leaves the refused state only by close()', () => {
    for (const event of events)
      expect(transition('refused', event)).toEqual(event === 'close' ? ['closed', 'end'] : [null]);
  });

  test('the table of the SDK ignores what only a connection can say in every state without one', () => {
    for (const state of ['waiting', 'refused', 'asleep', 'closed'] as const)
      for (const event of events.filter((name) => sources[name] === 'connection'))
        expect(transition(state, event)).toEqual([null]);
  });
});

const page = readFileSync('docs/sdk-states.md', 'utf8');

/** The cells of the table below a heading, its head first. */
function tableBelow(heading: string): readonly (readonly string[])[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|') && !line.startsWith('|---'));
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
}

describe('docs/sdk-states.md', () => {
  test('docs/sdk-states.md shows every state, and what onState says in it', () => {
    const rows = tableBelow('States').slice(1);
    expect(rows.map(([state]) => state)).toEqual(states.map((state) => `\`${state}\``));
    for (const [cell = '', shown] of rows) {
      const state = namesIn(cell)[0] as State;
      const { type, ...more } = publicState(state, 0);
      const isFinal = 'retrying' in more && !more.retrying;
      expect(shown).toBe(state === 'closed' ? 'nothing' : isFinal ? `\`${type}\`, \`retrying: false\`` : `\`${type}\``);
    }
  });

  test('docs/sdk-states.md shows every event', () => {
    expect(
      tableBelow('Events')
        .slice(1)
        .flatMap(([cell = '']) => namesIn(cell)),
    ).toEqual(events);
  });

  test('docs/sdk-states.md shows the transition of every event in every state', () => {
    const [head = [], ...rows] = tableBelow('Transitions');
    expect(head.flatMap(namesIn).sort()).toEqual([...states].sort());
    expect(rows.flatMap(([cell = '']) => namesIn(cell))).toEqual(events);
    for (const [cell = '', ...cells] of rows)
      for (const [at, shown] of cells.entries())
        for (const state of namesIn(head[at + 1] ?? '') as State[]) {
          const event = namesIn(cell)[0] as Event;
          const [next, effect] = transition(state, event);
          const expected = [next && `**${next}**`, effect && `\`${effect}\``].filter((part) => part).join(' ');
          expect({ state, event, shown }).toEqual({ state, event, shown: expected || '–' });
        }
  });

  test('docs/sdk-states.md shows every effect', () => {
    const used = new Set(states.flatMap((state) => events.flatMap((event) => transition(state, event)[1] ?? [])));
    expect(
      tableBelow('Effects')
        .slice(1)
        .flatMap(([cell = '']) => namesIn(cell))
        .sort(),
    ).toEqual([...used].sort());
  });
});
