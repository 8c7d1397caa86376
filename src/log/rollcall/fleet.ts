import type { Redis } from 'ioredis';
import type { ProcessReport, RollCall } from './delivery-report.ts';
import { type FleetCounts, hearFleet } from './fleet-line.ts';
import { type Caller, Roll } from './roll.ts';

export interface FleetDeps {
  readonly subscriber: Redis;
  readonly prefix: string;
  readonly rollCall: RollCall;
  /** Unique id of this process. */
  readonly process: string;
  readonly countsOf: (callers: readonly Pick<Caller, 'isReady' | 'canary'>[]) => FleetCounts;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** How long to wait for an api that speaks. */
  readonly patienceMs?: number;
}

/** Apis of a version without the line do not speak. After this, a fan-out hears the others on the roll call, as that version did. */
const speakerWithinMs = 5_000;
/**
 * Longer than a change of the speaker takes, and shorter than the time after which a fan-out that has lost Redis becomes unready. A
 * fan-out that counts itself alone stays ready, so the loss of Redis does not make all of them unready.
 */
const countsForMs = 4_500;
/** On the roll call each process hears each other one, which a large fleet cannot pay for. */
const mostOnRollCall = 64;

const nobody: FleetCounts = { processes: 0, ready: 0, proven: 0 };

/** What a fan-out process knows of the others. If it knows nothing, it takes itself to be alone. */
export class Fleet {
  readonly #deps: FleetDeps;
  #heard: { readonly counts: FleetCounts; readonly at: number } | null = null;
  #roll: Roll | null = null;
  #self: Pick<ProcessReport, 'isReady' | 'canary'> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
  }

  /** Begins to listen. */
  start(): void {
    const { subscriber, prefix, rollCall, now, patienceMs = speakerWithinMs } = this.#deps;
    this.#timer = setTimeout(() => {
      this.#roll = new Roll(rollCall, now);
    }, patienceMs).unref();
    hearFleet(subscriber, prefix, ({ api: _, ...counts }) => {
      clearTimeout(this.#timer);
      this.#heard = { counts, at: now() };
      this.#leaveRollCall();
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** This process has called: the counts that follow include it. */
  called(self: Pick<ProcessReport, 'isReady' | 'canary'>): void {
    this.#self = self;
  }

  /** All processes but this one. */
  others(): FleetCounts {
    if (this.#roll) return this.#onRollCall(this.#roll);
    if (!this.#heard || this.#deps.now() - this.#heard.at >= countsForMs) return nobody;
    const own = this.#self ? this.#deps.countsOf([this.#self]) : nobody;
    const { processes, ready, proven } = this.#heard.counts;
    return {
      processes: Math.max(0, processes - own.processes),
      ready: Math.max(0, ready - own.ready),
      proven: Math.max(0, proven - own.proven),
    };
  }

  #onRollCall(roll: Roll): FleetCounts {
    const present = roll.present();
    if (present.length > mostOnRollCall) this.#leaveRollCall();
    return this.#deps.countsOf(present.filter(({ process }) => process !== this.#deps.process));
  }

  #leaveRollCall(): void {
    this.#roll?.stop();
    this.#roll = null;
  }
}
