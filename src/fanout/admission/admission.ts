import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { canarySite } from '../../item/canary.ts';
import type { Site } from '../../item/site.ts';
import { closeCodes } from '../../protocol/close-code.ts';
import { type Filter, filterKey } from '../../protocol/filter.ts';
import { isNameOf, parsePosition } from '../../protocol/position.ts';
import type { Edition } from '../edition/edition.ts';
import type { Replica } from '../edition/replica.ts';
import type { Feeds } from '../feed/feeds.ts';
import { pollFraming } from '../feed/framing.ts';
import { Reader, type ReaderContext, type ReaderStart } from '../reader/reader.ts';
import type { Transport } from '../reader/transport.ts';
import type { Clock } from '../scheduling/clock.ts';
import type { Counters } from '../scheduling/counters.ts';
import { clientKey, type Trust } from './client-address.ts';
import { readFeedQuery } from './feed-request.ts';
import { FilterShares } from './filter-shares.ts';
import { JoinQueue } from './join-queue.ts';
import type { Origins } from './origins.ts';
import { isPlain } from './plain-filter.ts';
import { type Problem, problems } from './problem.ts';

export interface AdmissionDeps {
  readonly site: Site;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly feeds: Feeds;
  readonly origins: Origins;
  readonly trust: Trust;
  readonly acceptRate: number;
  readonly maxConnectionsPerAddress: number;
  /** Different filters that one address may follow at once, plain ones not counted. */
  readonly filtersPerAddress: number;
  readonly readers: ReaderContext;
  edition(id: string): Edition | undefined;
  isDraining(): boolean;
  isFull(): boolean;
  wake(): void;
  /** A reader has come: it is in its feed and has been told nothing yet. */
  onJoin(reader: Reader): void;
  onLeave(reader: Reader): void;
}

/** `own`: the process' own door, which only it can find; the canary is behind it and nothing else. */
export type Door = 'public' | 'own';

/** Who asks for which feed. */
export interface Asker {
  readonly filter: Filter;
  readonly limit: number;
  readonly since: string | null;
  /** Who it counts for in the limit per address. */
  readonly address: string;
}

export interface Refusal {
  readonly problem: Problem;
}

/** The door that every transport shares: who may come in, at what rate, and as a reader of what. */
export class Admission {
  readonly queue: JoinQueue;
  readonly #deps: AdmissionDeps;
  readonly #perAddress = new Map<string, number>();
  readonly #shares: FilterShares;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#shares = new FilterShares(deps.filtersPerAddress);
    this.queue = new JoinQueue(deps);
  }

  /** Counts a refusal; one that is let in counts for its address from `enter` on. */
  check(request: IncomingMessage, query: URLSearchParams, door: Door = 'public'): Asker | Refusal {
    const { site, origins, trust, maxConnectionsPerAddress } = this.#deps;
    if (this.#deps.isDraining()) return this.#refused('draining', problems.draining);
    const asked = readFeedQuery(query, door === 'own' ? canarySite : site);
    if ('problem' in asked) return this.#refused('query', asked.problem);
    if (!origins.allows(request.headers.origin)) return this.#refused('origin', problems.origin);
    if (!this.#deps.edition(asked.filter.edition)?.replica) return this.#refused('busy', problems.unavailable);
    if (door === 'own') return { ...asked, address: 'own' };
    if (this.#deps.isFull()) return this.#refused('memory', problems.full);
    const address = clientKey(request, trust);
    if ((this.#perAddress.get(address) ?? 0) >= maxConnectionsPerAddress)
      return this.#refused('address', problems.address);
    return { ...asked, address };
  }

  /** Counts the asker for its address until `exit`. */
  enter({ address }: Asker): void {
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  exit(address: string): void {
    const count = (this.#perAddress.get(address) ?? 0) - 1;
    if (count <= 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }

  /**
   * Enters, and calls `join` in its turn or `refuse` when that does not come; after `refuse` the asker has
   * left. A `join` that throws ends the connection; it sees to it that its asker leaves.
   */
  queueUp(asker: Asker, socket: Socket, join: () => void, refuse: (problem: Problem) => void): void {
    this.enter(asker);
    this.queue.add({
      socket,
      arrivedAt: this.#deps.clock.now(),
      join: () => {
        try {
          join();
        } catch (error) {
          this.#deps.readers.onFault(error);
          socket.destroy();
        }
      },
      refuse: (problem) => {
        this.exit(asker.address);
        this.#deps.counters.refused[problem === problems.draining ? 'draining' : 'busy']++;
        refuse(problem);
      },
    });
  }

  /** Those who wait are sent to another process. */
  refuseAll(): void {
    for (const joiner of this.queue.takeAll()) joiner.refuse(problems.draining);
  }

  /** Makes a reader of an asker, unless there is no room for its feed. A refusal is counted; of a stream it is a cut too. */
  join(asker: Asker, transport: Transport, isPatient = false): Reader | Refusal {
    const { clock, counters, feeds, readers, site } = this.#deps;
    const { address, filter } = asker;
    const edition = this.#deps.edition(filter.edition);
    const replica = edition?.replica;
    if (!replica) return this.#refused('busy', problems.unavailable);
    const key = isPlain(filter, site) ? null : filterKey(filter);
    const mayFollow = key === null || this.#shares.hasRoom(address, key);
    const opened = mayFollow ? feeds.open(edition, filter, transport.framing, clock.now()) : null;
    if (!opened) {
      if (transport.framing !== pollFraming) counters.cutBy[closeCodes.overloaded]++;
      return mayFollow ? this.#refused('busy', problems.feeds) : this.#refused('address', problems.filters);
    }
    const { feed, wire } = opened;
    feed.advance(replica);
    const from = greetingOf(asker.since, replica);
    const start = { transport, feed, wire, limit: asker.limit, ...from, joinedAt: replica.head, isPatient };
    const reader = new Reader(start, readers);
    feed.add(reader);
    if (key !== null) this.#shares.add(address, key);
    this.#deps.onJoin(reader);
    return reader;
  }

  /** The reader has gone: its connection, which counted for this address, has ended or is about to. */
  leave(reader: Reader, address: string): void {
    const { feed } = reader;
    reader.leave();
    feed.remove(reader, this.#deps.clock.now());
    if (!isPlain(feed.filter, this.#deps.site)) this.#shares.remove(address, feed.key);
    this.#deps.onLeave(reader);
  }

  #refused(counter: keyof Counters['refused'], problem: Problem): Refusal {
    this.#deps.counters.refused[counter]++;
    return { problem };
  }
}

/** What a reader that comes with this position is told first, and where its cursor stands. */
function greetingOf(
  since: string | null,
  replica: Replica,
): Pick<ReaderStart, 'greeting' | 'epoch' | 'cursor' | 'expected'> {
  const { epoch, floor, head } = replica;
  const position = since === null ? null : parsePosition(since);
  if (!position) return { greeting: 'start', epoch, cursor: head, expected: '' };
  const { epoch: name, seq: cursor, hash: expected = '' } = position;
  if (!isNameOf(name, epoch)) return { greeting: 'epoch', epoch, cursor: head, expected: '' };
  if (cursor < floor) return { greeting: 'gap', epoch: name, cursor: head, expected: '' };
  return { greeting: 'resumed', epoch: name, cursor, expected };
}
