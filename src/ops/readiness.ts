/** What is known of another process that does the same job. */
export interface Peer {
  readonly isReady: boolean;
  /** ms since its last proof; null: none yet. */
  readonly provenAgoMs: number | null;
}

export interface ReadinessDeps {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Those that are there, without this one. */
  readonly peers: () => readonly Peer[];
  /** What this process finds wrong with itself, as one line. */
  readonly fault?: () => string | null;
  /** In [0, 1); those that fail together do not go out together. */
  readonly random?: () => number;
}

/** Proofs come every 10 s: two have been missed, and a little. */
const failedAfterMs = 25_000;
/** Peers see within this who has gone already. */
const spreadMs = 10_000;
const freshMs = 15_000;
const proofsToComeBack = 2;
/** So long a fault may last; a moment's is nobody's business. */
const faultForMs = 5_000;
const faultSpreadMs = 5_000;

/**
 * Whether this process should be given work, from proofs that it does it. It goes out only for a fault of its own: where
 * nobody has a proof (Redis is away, no worker runs) everybody stays, and serves what it has. It also stays where fewer than
 * half would be left. Coming back takes two proofs in a row, so that a process on the edge does not flap.
 *
 * A fault that it finds in itself (it cannot follow the log, its loop is late, its heap is full) counts after five seconds and a
 * random time, and only while it hears others who are ready: where Redis is away it hears nobody, and everybody stays.
 */
export class Readiness {
  readonly #deps: ReadinessDeps;
  readonly #patienceMs: number;
  #provenAt: number;
  #isOut = false;
  #proofsSinceOut = 0;
  #faultySince: number | null = null;
  #faultPatienceMs = 0;
  #isFaulty = false;

  constructor(deps: ReadinessDeps) {
    this.#deps = deps;
    this.#provenAt = deps.now();
    this.#patienceMs = failedAfterMs + (deps.random ?? Math.random)() * spreadMs;
  }

  /** A canary came through. */
  proven(): void {
    this.#provenAt = this.#deps.now();
    this.#proofsSinceOut++;
  }

  /** Null: ready. Otherwise why not, as one line. */
  whyNot(): string | null {
    const ageMs = this.#deps.now() - this.#provenAt;
    const peers = this.#deps.peers();
    const proven = peers.filter(({ provenAgoMs }) => provenAgoMs !== null && provenAgoMs < freshMs).length;
    const areEnoughLeft = peers.filter(({ isReady }) => isReady).length >= (peers.length + 1) / 2;
    if (proven === 0) this.#isOut = false;
    else if (ageMs > this.#patienceMs) {
      this.#isOut ||= areEnoughLeft;
      this.#proofsSinceOut = 0;
    } else if (this.#proofsSinceOut >= proofsToComeBack) this.#isOut = false;
    const fault = this.#faultThatCounts(peers, areEnoughLeft);
    if (fault !== null) return fault;
    return this.#isOut
      ? `no canary for ${Math.round(ageMs / 1_000)} s, and ${proven} of ${peers.length} other processes have theirs`
      : null;
  }

  #faultThatCounts(peers: readonly Peer[], areEnoughLeft: boolean): string | null {
    const now = this.#deps.now();
    const fault = this.#deps.fault?.() ?? null;
    const isAlone = !peers.some(({ isReady }) => isReady);
    // Whoever went out together with all the others comes back, and the dice are thrown again.
    if (fault === null || isAlone) {
      this.#faultySince = null;
      this.#isFaulty = false;
      return null;
    }
    if (this.#faultySince === null) {
      this.#faultySince = now;
      this.#faultPatienceMs = faultForMs + (this.#deps.random ?? Math.random)() * faultSpreadMs;
    }
    if (now - this.#faultySince > this.#faultPatienceMs) this.#isFaulty ||= areEnoughLeft;
    return this.#isFaulty ? fault : null;
  }
}
