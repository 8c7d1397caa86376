import type { EventOf, HistoryEvent, LoggedEntry, Transport } from './history.ts';
import type { Violation } from './violation.ts';

interface Connection {
  readonly reader: string;
  readonly transport: Transport;
  readonly section: string | null;
  readonly openedAt: number;
  welcomeAt: number;
  closedAt: number;
  /** By `id version`: when this connection received it. */
  readonly received: Map<string, number>;
  /** When each item was received, in order, ms. */
  readonly receivedAt: number[];
  /** When a snapshot moved it. A snapshot stands for every entry before it. */
  readonly snapshotsAt: number[];
}

const never = Number.POSITIVE_INFINITY;
/** From a write into a socket until the reader has written down what it read. */
const onItsWayMs = 1_500;
/** A fan-out may see the end of a connection so much later than its reader. */
const unnoticedMs = 30_000;

/**
 * Holds what the desk was shown of deliveries to what readers saw: an entry is proven only when no reader that was connected
 * still shows what was there before, and its account has room for every reader of every kind, and for no other.
 */
export class Proofs {
  readonly #violate: (kind: Violation['kind'], what: string) => void;
  readonly #asked = new Map<number, number>();
  readonly #askedAt = new Map<string, number>();
  readonly #open = new Map<string, Connection>();
  #connections: Connection[] = [];
  #shown: EventOf<'proof'>[] = [];
  #cutsReaders = false;

  constructor(violate: (kind: Violation['kind'], what: string) => void) {
    this.#violate = violate;
  }

  take(event: HistoryEvent): void {
    if (event.e === 'fault') this.#cutsReaders = event.cutsReaders ?? false;
    else if (event.e === 'asked') this.#asked.set(event.op, event.at);
    else if (event.e === 'answered') this.#answered(event);
    else if (event.e === 'opened') this.#opened(event);
    else if (event.e === 'closed') this.#closed(event);
    else if (event.e === 'heard') this.#heard(event);
    else if (event.e === 'proof') this.#shown.push(event);
    else if (event.e === 'called' && !event.isKnown)
      this.#violate('account', `${event.process} has called the roll, and the desk does not know it`);
  }

  /** Judges what was shown since the last time. */
  compare({ at, entries }: EventOf<'log'>): void {
    const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
    for (const proof of this.#shown) {
      const { id, version, seq } = proof;
      const entry = bySeq.get(seq);
      const askedAt = this.#askedAt.get(`${id} ${version}`);
      if (askedAt === undefined || entry?.id !== id || entry.version !== version) continue;
      const readers = this.#connections.filter(({ section }) => isOf(section, entry));
      this.#judgeAccount(proof, askedAt, readers);
      if (proof.state === 'proven' && !this.#cutsReaders) this.#judgeVerdict(proof, askedAt, readers);
    }
    this.#shown = [];
    this.#connections = this.#connections.filter(({ closedAt }) => closedAt > at - unnoticedMs);
  }

  #answered({ op, outcome, id, version }: EventOf<'answered'>): void {
    const askedAt = this.#asked.get(op);
    this.#asked.delete(op);
    if (askedAt !== undefined && outcome === 'accepted') this.#askedAt.set(`${id} ${version}`, askedAt);
  }

  #opened({ at, reader, transport, section }: EventOf<'opened'>): void {
    const made = { reader, transport, section, openedAt: at, welcomeAt: never, closedAt: never };
    const connection: Connection = { ...made, received: new Map(), receivedAt: [], snapshotsAt: [] };
    this.#open.set(reader, connection);
    this.#connections.push(connection);
  }

  #closed({ at, reader }: EventOf<'closed'>): void {
    const connection = this.#open.get(reader);
    this.#open.delete(reader);
    if (connection) connection.closedAt = at;
  }

  #heard({ at, reader, frame: text }: EventOf<'heard'>): void {
    const connection = this.#open.get(reader);
    if (!connection) return;
    const frame = JSON.parse(text) as HeardFrame;
    if (frame.type === 'snapshot' || frame.type === 'resumed') {
      if (connection.welcomeAt === never) connection.welcomeAt = at;
      else connection.snapshotsAt.push(at);
    }
    const { id, version } = frame.item ?? frame;
    if (id === undefined || version === undefined) return;
    connection.received.set(`${id} ${version}`, at);
    connection.receivedAt.push(at);
  }

  #judgeAccount(proof: EventOf<'proof'>, askedAt: number, readers: readonly Connection[]): void {
    const { at, id, version, seq, state, targeted, written, caughtUp, waiting, left } = proof;
    const counts = [targeted, written, caughtUp, waiting, left];
    const account = `entry ${seq}: ${targeted} targeted, ${written} written, ${caughtUp} caught up, ${waiting} waiting, ${left} left`;
    if (written + caughtUp + waiting + left !== targeted || counts.some((count) => count < 0))
      this.#violate('account', `${account} does not add up`);
    const possible = readers.filter(({ openedAt, closedAt }) => openedAt < at && closedAt > askedAt - unnoticedMs);
    const gone = possible.filter(
      (one) => one.closedAt <= at || one.welcomeAt === never || cameInParts(one, `${id} ${version}`),
    );
    if (targeted > possible.length) this.#violate('account', `${account}; there were ${countsOf(possible)}`);
    if (left > gone.length) this.#violate('account', `${account}; gone were ${countsOf(gone)}`);
    if (state !== 'proven') return;
    // A client of polls may have been between two of them.
    const certain = readers.filter(
      (one) =>
        one.transport !== 'polls' &&
        one.welcomeAt < askedAt &&
        one.closedAt > at &&
        one.received.has(`${id} ${version}`),
    );
    if (written + caughtUp < certain.length)
      this.#violate('account', `${account}; connected throughout and reached were ${countsOf(certain)}`);
  }

  /** A client between two polls is not connected. Its next poll returns the entry. */
  #judgeVerdict({ at, id, version, seq }: EventOf<'proof'>, askedAt: number, readers: readonly Connection[]): void {
    const bound = at + onItsWayMs;
    for (const { reader, transport, welcomeAt, closedAt, received, snapshotsAt } of readers) {
      if (transport === 'polls' || welcomeAt > askedAt || closedAt < bound) continue;
      if (snapshotsAt.some((snapshotAt) => snapshotAt > askedAt && snapshotAt <= bound)) continue;
      const receivedAt = received.get(`${id} ${version}`) ?? never;
      if (receivedAt > bound)
        this.#violate(
          'proof',
          `entry ${seq} was proven at ${at}; ${reader} was connected and received it at ${receivedAt}`,
        );
    }
  }
}

interface HeardFrame {
  readonly type: string;
  readonly id?: string;
  readonly version?: number;
  readonly item?: { readonly id: string; readonly version: number };
}

function countsOf(connections: readonly Connection[]): string {
  const kinds = ['websocket', 'events', 'polls'] as const;
  return kinds.map((kind) => `${connections.filter(({ transport }) => transport === kind).length} ${kind}`).join(', ');
}

/** Whether an entry is in a feed: what it shows, or what it took away. */
export function isOf(section: string | null, { was, now }: LoggedEntry): boolean {
  return [was, now].some((sections) => sections !== null && (section === null || sections.includes(section)));
}

/** An answer to a poll has at most 64 kB, so a poll that missed more leaves without the newest entries. Its next one brings them. */
function cameInParts({ transport, received, receivedAt }: Connection, version: string): boolean {
  const at = received.get(version);
  if (transport !== 'polls' || at === undefined) return false;
  return receivedAt.filter((other) => other > at - 500 && other <= at).length > 100;
}
