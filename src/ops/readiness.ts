/** Another process of the same role. */
export interface Peer {
  readonly isReady: boolean;
  /** ms since its last proof; null: none yet. */
  readonly provenAgoMs: number | null;
}

/** Processes of a role: all, those that are ready, those that had a proof lately. */
export interface PeerCounts {
  readonly processes: number;
  readonly ready: number;
  readonly proven: number;
}

export interface ReadinessDeps {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** The processes that are present, without this one. */
  readonly peers: () => PeerCounts;
  /** A fault that this process detects in itself, as one line. */
  readonly fault?: () => string | null;
  /** In [0, 1): spreads processes that fail at the same time. */
  readonly random?: () => number;
}

/** A canary arrives every 10 s: two are missing, with some margin. */
const failedAfterMs = 25_000;
/** Within this time peers see which processes are not ready. */
const spreadMs = 10_000;
const freshMs = 15_000;
const proofsToComeBack = 2;
/** A shorter fault does not count. */
const faultForMs = 5_000;
const faultSpreadMs = 5_000;

export function countPeers(peers: readonly Peer[]): PeerCounts {
  return {
    processes: peers.length,
    ready: peers.filter(({ isReady }) => isReady).length,
    proven: peers.filter(({ provenAgoMs }) => provenAgoMs !== null && provenAgoMs < freshMs).length,
  };
}

/**
 * Whether this process should receive traffic. It becomes unready only for a fault of its own: if no process gets canaries (Redis
 * is unreachable, no worker runs), all stay ready and serve what they have. It also stays ready if fewer than half of the
 * processes would be left. It is ready again after two canaries in a row, so that it does not flap.
 *
 * A fault that it detects in itself (it cannot follow the log, its event loop is late, its heap is full) counts after 5 to 10 s, and
 * only while other processes are ready. Without Redis it hears no other process, so all stay ready.
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

  /** A canary arrived. */
  proven(): void {
    this.#provenAt = this.#deps.now();
    this.#proofsSinceOut++;
  }

  /** Null: ready. Otherwise the reason, as one line. */
  whyNot(): string | null {
    const ageMs = this.#deps.now() - this.#provenAt;
    const peers = this.#deps.peers();
    const { proven } = peers;
    const areEnoughLeft = peers.ready >= (peers.processes + 1) / 2;
    if (proven === 0) this.#isOut = false;
    else if (ageMs > this.#patienceMs) {
      this.#isOut ||= areEnoughLeft;
      this.#proofsSinceOut = 0;
    } else if (this.#proofsSinceOut >= proofsToComeBack) this.#isOut = false;
    const fault = this.#faultThatCounts(peers, areEnoughLeft);
    if (fault !== null) return fault;
    return this.#isOut
      ? `no canary for ${Math.round(ageMs / 1_000)} s, while ${proven} of ${peers.processes} other processes receive canaries`
      : null;
  }

  #faultThatCounts(peers: PeerCounts, areEnoughLeft: boolean): string | null {
    const now = this.#deps.now();
    const fault = this.#deps.fault?.() ?? null;
    const isAlone = peers.ready === 0;
    // When all processes became unready together, all are ready again and draw a new random time.
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
