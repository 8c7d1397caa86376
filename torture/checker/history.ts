import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

export type OperationKind = 'publish' | 'correct' | 'withhold' | 'release' | 'retract';

/** The outcome that the desk knows. `unknown`: there was no answer, or one that leaves the outcome open (504). */
export type Outcome = 'accepted' | 'refused' | 'unknown';

/** One entry of the log as it was read at the end of a fault. */
export interface LoggedEntry {
  readonly seq: number;
  readonly id: string;
  readonly version: number;
  /** Null where the entry says nothing new or its text has been erased. */
  readonly headline: string | null;
  /** Sections before and after it; null where the item was not shown. An entry with neither is in no feed. */
  readonly was: readonly string[] | null;
  readonly now: readonly string[] | null;
  /** The clock has appended it and no command: the end of a retraction's notice (IM-6). */
  readonly isByClock?: true;
}

export type Transport = 'websocket' | 'events' | 'polls';

/** A proof as the API gives it. */
export interface ShownProof {
  readonly id: string;
  readonly version: number;
  readonly seq: number;
  readonly state: 'proven' | 'partial';
  readonly targeted: number;
  readonly written: number;
  readonly caughtUp: number;
  readonly waiting: number;
  readonly left: number;
  readonly silent: readonly string[];
}

/** Everything that happened, in the order in which it did. The checker sees nothing else. */
export type HistoryEvent =
  | {
      readonly e: 'fault';
      readonly fault: string;
      readonly at: number;
      readonly losesData: boolean;
      /** Another Redis may become primary. */
      readonly failsOver?: boolean;
      /** What was written to a reader's connection may be lost with it. */
      readonly cutsReaders?: boolean;
      /** Commands may be missing that were accepted and not in the log yet: the epoch stays. */
      readonly mayKeepEpoch?: boolean;
    }
  /** STOP was on while these entries were appended: from its answer to the request that ends it. */
  | { readonly e: 'held'; readonly at: number; readonly from: number; readonly to: number }
  /** The fault is over: whatever is asked from here on is asked of what stays. */
  | { readonly e: 'healed'; readonly at: number }
  | {
      readonly e: 'asked';
      readonly at: number;
      readonly op: number;
      readonly kind: OperationKind;
      readonly id: string | null;
      readonly headline: string | null;
    }
  | {
      readonly e: 'answered';
      readonly at: number;
      readonly op: number;
      /** When the request that this answers was sent: the last one, where it was sent again. */
      readonly sentAt: number;
      readonly outcome: Outcome;
      readonly status: number;
      readonly id: string | null;
      readonly version: number | null;
    }
  /** A reader asks for a connection, and what it reads there: a section, or (null) everything. */
  | {
      readonly e: 'opened';
      readonly at: number;
      readonly reader: string;
      readonly transport: Transport;
      readonly section: string | null;
    }
  /** Its connection is over, or it has given it up. */
  | { readonly e: 'closed'; readonly at: number; readonly reader: string }
  /** What the desk was shown of one entry's delivery, whenever its state was another one. */
  | ({ readonly e: 'proof'; readonly at: number } & ShownProof)
  /** A process has called the roll, and whether the desk knows it. */
  | { readonly e: 'called'; readonly at: number; readonly process: string; readonly isKnown: boolean }
  /** Headlines that a fan-out has in its memory. */
  | { readonly e: 'remembered'; readonly at: number; readonly process: string; readonly headlines: readonly string[] }
  | { readonly e: 'heard'; readonly at: number; readonly reader: string; readonly frame: string }
  /** A reader saw for itself that it had missed something and came back for it. */
  | { readonly e: 'gap'; readonly at: number; readonly reader: string }
  | {
      readonly e: 'log';
      readonly at: number;
      readonly epoch: string;
      readonly entries: readonly LoggedEntry[];
      /** Shown items, newest place first. */
      readonly shown: readonly {
        readonly id: string;
        readonly version: number;
        readonly place: number;
        readonly sections: readonly string[];
      }[];
      /** What `verify` found broken. */
      readonly broken: string | null;
    }
  | {
      readonly e: 'ended';
      readonly at: number;
      readonly reader: string;
      /** What its feed was narrowed to. */
      readonly section: string | null;
      readonly isLive: boolean;
      readonly epoch: string;
      readonly seq: number;
      /** Lowest place that it speaks for. */
      readonly floor: number;
      /** `id version`, newest place first, complete down to the floor. */
      readonly shown: readonly string[];
    };

export type EventOf<E extends HistoryEvent['e']> = Extract<HistoryEvent, { e: E }>;

/** The history of a run: in a file, so that a check can be repeated. */
export class History {
  readonly file: string;
  readonly events: HistoryEvent[] = [];
  readonly #out: WriteStream;
  readonly #startedAt = performance.now();

  constructor(file: string) {
    this.file = file;
    this.#out = createWriteStream(file);
  }

  /** ms since the run began. */
  now(): number {
    return Math.round(performance.now() - this.#startedAt);
  }

  add(event: HistoryEvent): void {
    this.events.push(event);
    this.#out.write(`${JSON.stringify(event)}\n`);
  }

  async close(): Promise<void> {
    this.#out.end();
    await finished(this.#out);
  }
}

export function readHistory(file: string): readonly HistoryEvent[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEvent);
}
