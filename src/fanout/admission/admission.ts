import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { canarySite } from '../../item/canary.ts';
import type { Site } from '../../item/site.ts';
import { closeCodes } from '../../protocol/close-code.ts';
import type { Origins } from '../../protocol/origins.ts';
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
import { type FollowRequest, FollowRequests } from './feed-request.ts';
import { FilterShares } from './filter-shares.ts';
import { JoinQueue } from './join-queue.ts';
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
  /** How many filters that are not plain one address may follow at once. */
  readonly filtersPerAddress: number;
  readonly readers: ReaderContext;
  edition(id: string): Edition | undefined;
  isDraining(): boolean;
  isFull(): boolean;
  /** Whether entries are on their way to readers. */
  hasNews(): boolean;
  wake(): void;
  /** A reader has joined its feed and has received nothing yet. */
  onJoin(reader: Reader): void;
  onLeave(reader: Reader): void;
}

/** The listener of a connection. `own` is a loopback port that only the process itself uses, and it serves only the canary. */
export type Door = 'public' | 'own';

/** A client that has passed the checks and asks for a feed. */
export interface Candidate extends FollowRequest {
  /** The address that it counts for in the limits per address. */
  readonly address: string;
}

/** Why a request is not admitted. */
export interface Refusal {
  readonly problem: Problem;
}

/** The only entrance, shared by all transports: who may join, at what rate, and as a reader of which feed. */
export class Admission {
  readonly queue: JoinQueue;
  readonly #deps: AdmissionDeps;
  readonly #perAddress = new Map<string, number>();
  readonly #shares: FilterShares;
  readonly #requests: Readonly<Record<Door, FollowRequests>>;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#requests = { public: new FollowRequests(deps.site), own: new FollowRequests(canarySite) };
    this.#shares = new FilterShares(deps.filtersPerAddress);
    this.queue = new JoinQueue(deps);
  }

  /**
   * Checks a request and counts a refusal. A candidate counts for its address from `enter` on. `since` takes precedence over the
   * position in `search`, the query as text.
   */
  check(request: IncomingMessage, search: string, door: Door = 'public', since?: string): Candidate | Refusal {
    const { origins, trust, maxConnectionsPerAddress } = this.#deps;
    if (this.#deps.isDraining()) return this.#refused('draining', problems.draining);
    const wanted = this.#requests[door].read(search, since);
    if ('problem' in wanted) return this.#refused('query', wanted.problem);
    if (!origins.allows(request.headers.origin)) return this.#refused('origin', problems.origin);
    if (!this.#deps.edition(wanted.query.filter.edition)?.replica) return this.#refused('busy', problems.unavailable);
    if (door === 'own') return { ...wanted, address: 'own' };
    if (this.#deps.isFull()) return this.#refused('memory', problems.full);
    const address = clientKey(request, trust);
    if ((this.#perAddress.get(address) ?? 0) >= maxConnectionsPerAddress)
      return this.#refused('address', problems.address);
    return { ...wanted, address };
  }

  /** Counts the candidate for its address until `exit`. */
  enter({ address }: Candidate): void {
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
  }

  exit(address: string): void {
    const count = (this.#perAddress.get(address) ?? 0) - 1;
    if (count <= 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }

  /**
   * Enters the candidate and queues it. Calls `join` in its turn, or `refuse` at the deadline, after which the candidate has
   * left. If `join` throws, the connection ends, and `join` has to call `exit`.
   */
  queueUp(candidate: Candidate, socket: Socket, join: () => void, refuse: (problem: Problem) => void): void {
    this.enter(candidate);
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
        this.exit(candidate.address);
        this.#deps.counters.refused[problem === problems.draining ? 'draining' : 'busy']++;
        refuse(problem);
      },
    });
  }

  /** Refuses all queued candidates as draining, so that they go to another process. */
  refuseAll(): void {
    for (const joiner of this.queue.takeAll()) joiner.refuse(problems.draining);
  }

  /** Makes a reader of a candidate if there is room for its feed. Counts a refusal, which is also a cut if the client holds a stream. */
  join(candidate: Candidate, transport: Transport, isPatient = false): Reader | Refusal {
    const { clock, counters, feeds, readers } = this.#deps;
    const { address, query } = candidate;
    const { filter, key, limit } = query;
    const hasLongBeat = query.hasLongBeat && transport.framing !== pollFraming;
    const edition = this.#deps.edition(filter.edition);
    const replica = edition?.replica;
    if (!replica) return this.#refused('busy', problems.unavailable);
    const mayFollow = query.isPlain || this.#shares.hasRoom(address, key);
    const open = mayFollow ? feeds.open(edition, filter, transport.framing, clock.now(), key) : null;
    if (!open) {
      if (transport.framing !== pollFraming) counters.cutBy[closeCodes.overloaded]++;
      return mayFollow ? this.#refused('busy', problems.feeds) : this.#refused('address', problems.filters);
    }
    const { feed, wire } = open;
    feed.advance(replica);
    const from = greetingOf(candidate.since, replica);
    const start = { transport, feed, wire, limit, hasLongBeat, ...from, joinedAt: replica.head, isPatient };
    const reader = new Reader(start, readers);
    feed.add(reader);
    if (!query.isPlain) this.#shares.add(address, key);
    this.#deps.onJoin(reader);
    return reader;
  }

  /** Call it when the connection of a reader has ended or is about to end. */
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

/** The first frame for a client with this position, and its cursor. */
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
