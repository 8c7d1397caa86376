import type { HistoryEvent, LoggedEntry, Outcome } from './history.ts';

export interface Violation {
  readonly fault: string;
  readonly kind: 'lost' | 'doubled' | 'ghost' | 'hole' | 'order' | 'bytes' | 'epoch' | 'chain';
  readonly what: string;
}

export interface FaultAccount {
  readonly fault: string;
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  /** Accepted and gone with the data of a Redis that lost some: declared, not silent. */
  readonly declared: number;
}

export interface Verdict {
  readonly accounts: readonly FaultAccount[];
  readonly violations: readonly Violation[];
}

interface Operation {
  readonly fault: string;
  readonly name: string;
  readonly headline: string | null;
  readonly isText: boolean;
  id: string | null;
  version: number | null;
  outcome: Outcome;
}

type Of<E extends HistoryEvent['e']> = Extract<HistoryEvent, { e: E }>;

/**
 * Proves from a history what a run promises: accepted is in the log once, refused is nowhere, unknown once or nowhere;
 * `seq` has no hole; each reader's positions rise; each entry has the same bytes everywhere; and every reader ends as the log.
 */
export function check(history: readonly HistoryEvent[]): Verdict {
  const checker = new Checker();
  for (const event of history) checker.take(event);
  return checker.verdict();
}

class Checker {
  readonly #violations: Violation[] = [];
  readonly #operations = new Map<number, Operation>();
  readonly #accounts = new Map<string, { -readonly [K in keyof FaultAccount]: FaultAccount[K] }>();
  readonly #positions = new Map<string, { epoch: string; seq: number }>();
  readonly #bytes = new Map<string, string>();
  #fault = '';
  #losesData = false;
  #log: Of<'log'> | null = null;
  /** The newest entry that was there before the fault. */
  #checkedTo = 0;

  take(event: HistoryEvent): void {
    if (event.e === 'fault') this.#begin(event);
    else if (event.e === 'asked') this.#asked(event);
    else if (event.e === 'answered') this.#answered(event);
    else if (event.e === 'heard') this.#heard(event);
    else if (event.e === 'hole') this.#violate('hole', `${event.reader} was sent a frame that does not follow`);
    else if (event.e === 'log') this.#compareLog(event);
    else this.#compareReader(event);
  }

  verdict(): Verdict {
    return { accounts: [...this.#accounts.values()], violations: this.#violations };
  }

  #violate(kind: Violation['kind'], what: string): void {
    this.#violations.push({ fault: this.#fault, kind, what });
  }

  #begin({ fault, losesData }: Of<'fault'>): void {
    this.#fault = fault;
    this.#losesData = losesData;
    this.#accounts.set(fault, { fault, accepted: 0, refused: 0, unknown: 0, declared: 0 });
  }

  #asked({ op, kind, id, headline }: Of<'asked'>): void {
    const isText = headline !== null;
    const name = `${kind} ${headline ?? id}`;
    this.#operations.set(op, { fault: this.#fault, name, headline, isText, id, version: null, outcome: 'unknown' });
  }

  #answered({ op, outcome, id, version }: Of<'answered'>): void {
    const operation = this.#operations.get(op);
    if (operation) Object.assign(operation, { outcome, id: id ?? operation.id, version });
  }

  #heard({ reader, frame: text }: Of<'heard'>): void {
    const frame = JSON.parse(text) as { type: string; epoch?: string; seq?: number };
    const { type, seq } = frame;
    if (seq === undefined) return;
    if (type === 'snapshot' || type === 'resumed') {
      const known = this.#positions.get(reader);
      if (known?.epoch === frame.epoch && known && seq < known.seq)
        this.#violate('order', `${reader} was taken back from ${known.seq} to ${seq}`);
      this.#positions.set(reader, { epoch: frame.epoch ?? '', seq });
      return;
    }
    const position = this.#positions.get(reader) ?? { epoch: '', seq: 0 };
    if (type === 'beat' ? seq < position.seq : seq <= position.seq)
      this.#violate('order', `${reader} heard ${type} ${seq} at ${position.seq}`);
    position.seq = Math.max(seq, position.seq);
    this.#positions.set(reader, position);
    if (type !== 'item') return;
    // Feeds differ in what came before an entry, and in nothing else.
    const bytes = text.replace(/"prev":\d+,/, '');
    const known = this.#bytes.get(`${position.epoch}:${seq}`);
    if (known !== undefined && known !== bytes) this.#violate('bytes', `entry ${seq}: ${known} and ${bytes}`);
    this.#bytes.set(`${position.epoch}:${seq}`, bytes);
  }

  #compareLog(log: Of<'log'>): void {
    const before = this.#log;
    this.#log = log;
    if (log.broken !== null) this.#violate('chain', log.broken);
    if (before && before.epoch !== log.epoch && !this.#losesData)
      this.#violate('epoch', `${before.epoch} became ${log.epoch}, and nothing was lost`);
    const [first] = log.entries;
    for (const [at, { seq }] of log.entries.entries())
      if (first && seq !== first.seq + at)
        this.#violate('hole', `the log has ${seq} in the place of ${first.seq + at}`);
    const byVersion = grouped(log.entries, versionOf);
    const byHeadline = grouped(log.entries, ({ headline }) => headline ?? '');
    const explained = new Set<LoggedEntry>();
    for (const operation of this.#operations.values()) {
      const found =
        operation.version === null
          ? []
          : (byVersion.get(versionOf({ ...operation, version: operation.version })) ?? []);
      const told = operation.headline === null ? [] : (byHeadline.get(operation.headline) ?? []);
      const entries = [...new Set([...found, ...told])];
      if (operation.outcome !== 'refused') for (const entry of entries) explained.add(entry);
      if (operation.fault === this.#fault) this.#judge(operation, entries.length);
    }
    this.#unexplained(log.entries.filter((entry) => !explained.has(entry)));
    this.#checkedTo = log.entries.at(-1)?.seq ?? 0;
  }

  #judge({ name, outcome, isText }: Operation, times: number): void {
    const account = this.#accounts.get(this.#fault);
    if (account) account[outcome]++;
    if (times > 1) this.#violate('doubled', `${name}: ${times} entries`);
    if (outcome === 'refused' && times > 0) this.#violate('ghost', `${name} was refused and is in the log`);
    if (outcome !== 'accepted' || times > 0) return;
    if (this.#losesData && account) account.declared++;
    else this.#violate('lost', `${name} was accepted and is not in the log${isText ? '' : ' (no text)'}`);
  }

  /** An entry that nobody asked for; one without a text may be the work of whoever was told nothing. */
  #unexplained(entries: readonly LoggedEntry[]): void {
    const open = [...this.#operations.values()].filter(({ outcome, isText }) => outcome === 'unknown' && !isText);
    for (const { seq, id, version } of entries) {
      if (seq <= this.#checkedTo && !this.#losesData) continue;
      const at = open.findIndex((operation) => operation.id === id);
      if (at >= 0) open.splice(at, 1);
      else this.#violate('ghost', `entry ${seq} (${id} ${version}) is the work of no accepted request`);
    }
  }

  #compareReader({ reader, section, isLive, epoch, seq, shown }: Of<'ended'>): void {
    const log = this.#log;
    if (!log) return;
    const head = log.entries.at(-1)?.seq ?? 0;
    if (!isLive || epoch !== log.epoch || seq !== head)
      this.#violate(
        'hole',
        `${reader} ended ${isLive ? 'live' : 'lost'} at ${epoch}:${seq}, the log at ${log.epoch}:${head}`,
      );
    const all = log.shown
      .filter(({ sections }) => section === null || sections.includes(section))
      .map(({ id, version }) => `${id} ${version}`);
    const expected = all.slice(0, shown.length);
    const at = shown.findIndex((item, index) => item !== expected[index]);
    if (at >= 0) this.#violate('hole', `${reader} shows ${shown[at]} where the log has ${expected[at]}`);
    if (shown.length < Math.min(all.length, 20)) this.#violate('hole', `${reader} shows ${shown.length} items only`);
  }
}

function versionOf({ id, version }: { readonly id: string | null; readonly version: number }): string {
  return `${id} ${version}`;
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
