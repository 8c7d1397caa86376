import type { EventOf } from './history.ts';
import { isOf } from './proofs.ts';
import type { Violation } from './violation.ts';

/** The reader received no entry after one position and up to another. */
interface Unheard {
  readonly epoch: string;
  readonly after: number;
  readonly to: number;
}

interface Standing {
  epoch: string;
  seq: number;
  /** Since its log was last read. */
  unheard: Unheard[];
}

/**
 * What the readers of a history received. No frame that the feed owes may be left out, whatever its `prev` says: every
 * entry that was or is in a reader's feed comes as an item or a removal, unless a snapshot stands for it.
 */
export class Audience {
  readonly #readers = new Map<string, Standing>();
  readonly #bytes = new Map<string, string>();
  readonly #violate: (kind: Violation['kind'], what: string) => void;

  constructor(violate: (kind: Violation['kind'], what: string) => void) {
    this.#violate = violate;
  }

  /** Where any of them began: the epoch that was there before anything was done to it. */
  firstEpoch: string | null = null;

  hear({ reader, frame: text }: EventOf<'heard'>): void {
    const frame = JSON.parse(text) as { type: string; epoch?: string; seq?: number };
    const { type, seq } = frame;
    if (seq === undefined) return;
    const at = this.#readers.get(reader) ?? { epoch: '', seq: 0, unheard: [] };
    this.#readers.set(reader, at);
    if (type === 'snapshot' || type === 'resumed') {
      if (at.epoch === frame.epoch && seq < at.seq)
        this.#violate('order', `${reader} went back from ${at.seq} to ${seq}`);
      if (type === 'resumed') this.#leaveOut(at, seq);
      at.epoch = frame.epoch ?? '';
      at.seq = seq;
      this.firstEpoch ??= at.epoch;
      return;
    }
    if (type === 'beat' ? seq < at.seq : seq <= at.seq)
      this.#violate('order', `${reader} heard ${type} ${seq} at ${at.seq}`);
    this.#leaveOut(at, type === 'beat' ? seq : seq - 1);
    at.seq = Math.max(seq, at.seq);
    if (type === 'item') this.#compareBytes(`${at.epoch}:${seq}`, text);
  }

  /** Holds a reader to the log as it was read last. */
  compare(ended: EventOf<'ended'>, log: EventOf<'log'>): void {
    const { reader, section, isLive, epoch, seq, floor, shown } = ended;
    const head = log.entries.at(-1)?.seq ?? 0;
    this.#compareHeard(reader, section, log);
    // The clock may append between the look at a reader and the reading of the log.
    const isBehind = seq > head || log.entries.some((entry) => entry.seq > seq && !entry.isByClock);
    if (!isLive || epoch !== log.epoch || isBehind)
      this.#violate(
        'gap',
        `${reader} ended ${isLive ? 'live' : 'lost'} at ${epoch}:${seq}, the log at ${log.epoch}:${head}`,
      );
    const expected = log.shown
      .filter(({ place, sections }) => place >= floor && (section === null || sections.includes(section)))
      .map(({ id, version }) => `${id} ${version}`);
    const at = shown.findIndex((item, index) => item !== expected[index]);
    if (at >= 0) this.#violate('gap', `${reader} shows ${shown[at]} where the log has ${expected[at]}`);
    else if (shown.length < expected.length)
      this.#violate('gap', `${reader} does not show ${expected[shown.length]} and what is below it`);
  }

  #compareHeard(reader: string, section: string | null, log: EventOf<'log'>): void {
    const at = this.#readers.get(reader);
    const first = log.entries[0]?.seq;
    if (!at || first === undefined) return;
    const head = first + log.entries.length - 1;
    for (const { epoch, after, to } of at.unheard) {
      if (epoch !== log.epoch) continue;
      for (const entry of log.entries.slice(Math.max(0, after + 1 - first), Math.max(0, to + 1 - first)))
        if (isOf(section, entry)) this.#violate('unheard', `${reader} never received entry ${entry.seq}`);
    }
    at.unheard = at.unheard
      .filter(({ to }) => to > head)
      .map((unheard) => ({ ...unheard, after: Math.max(unheard.after, head) }));
  }

  #leaveOut({ epoch, seq: after, unheard }: Standing, to: number): void {
    if (to > after) unheard.push({ epoch, after, to });
  }

  /** Feeds differ in what came before an entry, and in whether they carry what is below a line, and in nothing else. */
  #compareBytes(at: string, text: string): void {
    const entry = text.includes('"hasMore":true') ? `${at} (default fields)` : at;
    const bytes = text.replace(/"prev":\d+,/, '');
    const known = this.#bytes.get(entry);
    if (known !== undefined && known !== bytes) this.#violate('bytes', `entry ${entry}: ${known} and ${bytes}`);
    this.#bytes.set(entry, bytes);
  }
}
