import type { PageEvent } from './page-signals.ts';

/** What `onState` receives. */
export type FeedState =
  /** Before the first frame of the first connection. */
  | { readonly type: 'connecting' }
  | { readonly type: 'live' }
  /** Connected, but the server cannot follow its log at the moment. */
  | { readonly type: 'delayed' }
  /** Connected, and frames that were missed are still to come. Also while the page is hidden and its connection closed. */
  | { readonly type: 'catching up' }
  /** Not connected since `since` (milliseconds since 1970). `retrying` is false if the server closed the connection permanently. */
  | { readonly type: 'offline'; readonly since: number; readonly retrying: boolean };

/** Where the connection of a feed is. docs/sdk-states.md describes each state, event and effect. */
export type State =
  | 'connecting'
  | 'live'
  | 'delayed'
  | 'catching up'
  | 'reconnecting'
  | 'waiting'
  | 'refused'
  | 'asleep'
  | 'closed';

/** A frame that was applied, or ignored as a duplicate: named after the state that it leads to. */
type FrameEvent = 'live' | 'delayed' | 'catching up';

/** What a connection says: `reconnect` is the frame of that name (RC-1), `lost` also a gap, `refused` a permanent close code (CL-1). */
type ConnectionEvent = FrameEvent | 'reconnect' | 'lost' | 'refused';

/** `due`: the time of a planned connection has come. */
export type Event = ConnectionEvent | PageEvent | 'due' | 'close';

export type Effect =
  /** Opens a connection in place of the present one and of a planned one. */
  | 'open'
  /** Ends the connection and drops a planned one. */
  | 'close'
  /** Plans a connection in place of a planned one. */
  | 'plan'
  /** Ends the connection. Plans another, unless a drain has planned it. */
  | 'retry'
  /** Plans a connection in the reconnect window, and starts the back-off over. */
  | 'hurry'
  /** Ends the connection if it has been silent for too long. */
  | 'check'
  /** Ends the connection, drops a planned one, and stops listening to the page. */
  | 'end';

/** The next state (null: the same), and what is to be done. */
export type Transition = readonly [next: State | null, effect?: Effect];

/** The events that change nothing, by state. A state without a connection ignores all that a connection says. */
interface Ignored {
  connecting: 'online';
  live: 'online';
  delayed: 'online';
  'catching up': 'online';
  /** Offline to the reader already. */
  reconnecting: 'offline' | 'hidden';
  /** A hidden page keeps on trying. */
  waiting: ConnectionEvent | 'offline' | 'hidden';
  refused: ConnectionEvent | PageEvent | 'due';
  asleep: ConnectionEvent | 'due' | 'online' | 'offline' | 'hidden';
  closed: Event;
}

type Row = Readonly<Partial<Record<Event, Transition>>>;

const close: Transition = ['closed', 'end'];
const hurry: Transition = [null, 'hurry'];

const linked = {
  live: ['live'],
  delayed: ['delayed'],
  'catching up': ['catching up'],
  reconnect: [null, 'plan'],
  lost: ['waiting', 'retry'],
  refused: ['refused', 'close'],
  due: [null, 'open'],
  visible: [null, 'check'],
  close,
} satisfies Row;

const connected = { ...linked, offline: ['reconnecting'], hidden: ['asleep', 'close'] } satisfies Row;

/** An event that is neither here nor among the ignored ones does not compile. */
const transitions: { readonly [S in State]: Readonly<Record<Exclude<Event, Ignored[S]>, Transition>> } = {
  connecting: connected,
  live: connected,
  delayed: connected,
  'catching up': connected,
  reconnecting: { ...linked, online: hurry },
  waiting: { due: ['reconnecting', 'open'], online: hurry, visible: hurry, close },
  refused: { close },
  asleep: { visible: ['catching up', 'open'], close },
  closed: {},
};

export function transition(state: State, event: Event): Transition {
  const row: Row = transitions[state];
  return row[event] ?? [null];
}

/** The state as seen from outside. `since`: when the feed became offline, in milliseconds since 1970. */
export function publicState(state: State, since: number): FeedState {
  switch (state) {
    case 'reconnecting':
    case 'waiting':
    case 'refused':
    case 'closed': // nobody receives it: no callback runs after close()
      return { type: 'offline', since, retrying: state !== 'refused' };
    case 'asleep':
      return { type: 'catching up' };
    default:
      return { type: state };
  }
}
