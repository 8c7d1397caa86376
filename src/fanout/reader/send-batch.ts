import type { Counters } from '../scheduling/counters.ts';
import type { SliceScope } from '../scheduling/sweep.ts';

/**
 * The native part (native/send-frames.c): sends the bytes to the first `count` descriptors. An outcome is the number of bytes
 * that the kernel took, or a negative errno; a negative descriptor gets no call. Returns how many sockets took all bytes.
 */
export type SendAll = (fds: Int32Array, count: number, bytes: Buffer, outcomes: Int32Array) => number;

/** The part of a socket below its stream, which Node does not document (docs/decisions/0008). */
export interface SocketHandle {
  /** Negative once the socket is closed. Valid only until JavaScript runs again. */
  readonly fd: number;
}

/** A connection with a frame to send. */
export interface BatchMember {
  /** Of a socket that may take a whole frame now, otherwise null. */
  readonly idleHandle: SocketHandle | null;
  /** The kernel took all bytes. Runs no code but the member's own. */
  taken(bytes: number): void;
  /** The kernel took this many, perhaps none: Node writes the others. It also finds out about a connection that has ended. */
  goOn(bytes: Buffer, taken: number): void;
  terminate(): void;
}

/** What the native part takes in one call. */
const most = 64;

/**
 * Collects connections that get the same bytes within a slice of the sweep, and sends to all of them in one call. A descriptor is
 * read when it is used and never kept, because a closed one is given to the next file that the process opens
 * (docs/decisions/0008).
 */
export class SendBatch implements SliceScope {
  readonly #sendAll: SendAll;
  readonly #counters: Pick<Counters, 'nativeWrites'>;
  readonly #onFault: (error: unknown) => void;
  readonly #fds = new Int32Array(most);
  readonly #outcomes = new Int32Array(most);
  #members: BatchMember[] = [];
  /** Null while nothing is collected. */
  #bytes: Buffer | null = null;
  #isOpen = false;

  /** `onFault` is called with an exception that was thrown while frames were sent: a defect. */
  constructor(sendAll: SendAll, counters: Pick<Counters, 'nativeWrites'>, onFault: (error: unknown) => void) {
    this.#sendAll = sendAll;
    this.#counters = counters;
    this.#onFault = onFault;
  }

  begin(): void {
    this.#isOpen = true;
  }

  end(): void {
    this.#isOpen = false;
    this.flush();
  }

  /** False outside of a slice: the caller then writes by itself. A member is added once until the batch is flushed. */
  add(member: BatchMember, bytes: Buffer): boolean {
    if (!this.#isOpen) return false;
    if (bytes !== this.#bytes) this.flush();
    this.#bytes = bytes;
    this.#members.push(member);
    if (this.#members.length === most) this.flush();
    return true;
  }

  /** Sends what is collected. Never throws. */
  flush(): void {
    const bytes = this.#bytes;
    if (bytes === null) return;
    // Whatever runs below finds an empty batch.
    const members = this.#members;
    this.#members = [];
    this.#bytes = null;
    if (this.#send(members, bytes) === members.length) for (const member of members) member.taken(bytes.length);
    else this.#settle(members, bytes, this.#outcomes.slice(0, members.length));
  }

  #send(members: readonly BatchMember[], bytes: Buffer): number {
    try {
      // Two loops: each is short, so that the processor fetches what it needs of several sockets at a time.
      const handles: (SocketHandle | null)[] = [];
      for (const member of members) handles.push(member.idleHandle);
      let count = 0;
      for (const handle of handles) this.#fds[count++] = handle?.fd ?? -1;
      const whole = this.#sendAll(this.#fds, count, bytes, this.#outcomes);
      this.#counters.nativeWrites += whole;
      return whole;
    } catch (error) {
      this.#onFault(error);
      this.#outcomes.fill(0);
      return 0;
    }
  }

  /** `outcomes` is a copy: what Node writes may end a connection, and whatever hears of that may flush again. */
  #settle(members: readonly BatchMember[], bytes: Buffer, outcomes: Int32Array): void {
    for (const [i, member] of members.entries()) if (outcomes[i] === bytes.length) member.taken(bytes.length);
    for (const [i, member] of members.entries()) {
      const outcome = outcomes[i] ?? 0;
      if (outcome !== bytes.length) this.#goOn(member, bytes, Math.max(0, outcome));
    }
  }

  #goOn(member: BatchMember, bytes: Buffer, taken: number): void {
    try {
      member.goOn(bytes, taken);
    } catch (error) {
      this.#onFault(error);
      member.terminate();
    }
  }
}
