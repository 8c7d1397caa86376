import { Acknowledged } from './acknowledged.ts';
import { Audience } from './audience.ts';
import type { EventOf, HistoryEvent, LoggedEntry, Outcome } from './history.ts';
import { Proofs } from './proofs.ts';
import type { Violation } from './violation.ts';

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
  sentAt: number;
  /** Entries that it had when the log was last read. */
  times: number;
  /** Known to be out of the log: declared or lost, once. */
  isGone: boolean;
}

/**
 * Checks the guarantees of docs/faults.md in a history. An accepted command is in the log once and stays there, a refused one is
 * not there, an unknown one is there at most once. `seq` has no gap. The positions of each reader rise, and it receives every entry
 * of its feed, with the same bytes as every other reader. At the end each reader shows what the log shows. Lines are in the order of
 * acknowledgement. STOP holds them. Proofs and accounts fit what readers received. No fan-out has withdrawn text in its memory. Only commands sent
 * before a Redis lost data may be missing, and then the log has a new epoch. It may have one after a failover too.
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
  readonly #audience = new Audience((kind, what) => this.#violate(kind, what));
  readonly #acknowledged = new Acknowledged((what) => this.#violate('acknowledged', what));
  readonly #proofs = new Proofs((kind, what) => this.#violate(kind, what));
  /** How many events have been taken. */
  #taken = 0;
  #fault = '';
  #losesData = false;
  #failsOver = false;
  #mayKeepEpoch = false;
  #healedAt = Number.POSITIVE_INFINITY;
  /** Gone with the data of this fault. */
  #gone: Operation[] = [];
  /** While STOP was on: after `from`, up to `to`. */
  #held: EventOf<'held'>[] = [];
  #log: EventOf<'log'> | null = null;
  /** The newest entry that was there before the fault. */
  #checkedTo = 0;

  take(event: HistoryEvent): void {
    this.#taken++;
    this.#proofs.take(event);
    if (event.e === 'fault') this.#begin(event);
    else if (event.e === 'healed') this.#healedAt = event.at;
    else if (event.e === 'held') this.#held.push(event);
    else if (event.e === 'asked') this.#asked(event);
    else if (event.e === 'answered') this.#answered(event);
    else if (event.e === 'heard') this.#audience.hear(event);
    else if (event.e === 'remembered') this.#searchMemory(event);
    else if (event.e === 'gap') this.#violate('gap', `${event.reader} was sent a frame that does not follow`);
    else if (event.e === 'log') this.#compareLog(event);
    else if (event.e === 'ended' && this.#log) this.#audience.compare(event, this.#log);
  }

  verdict(): Verdict {
    return { accounts: [...this.#accounts.values()], violations: this.#violations };
  }

  #violate(kind: Violation['kind'], what: string): void {
    this.#violations.push({ fault: this.#fault, kind, what });
  }

  #begin({ fault, losesData, failsOver = false, mayKeepEpoch = false }: EventOf<'fault'>): void {
    this.#fault = fault;
    this.#losesData = losesData;
    this.#failsOver = failsOver;
    this.#mayKeepEpoch = mayKeepEpoch;
    this.#healedAt = Number.POSITIVE_INFINITY;
    this.#gone = [];
    this.#held = [];
    this.#accounts.set(fault, { fault, accepted: 0, refused: 0, unknown: 0, declared: 0 });
  }

  #asked(event: EventOf<'asked'>): void {
    const { op, kind, id, headline } = event;
    this.#acknowledged.ask(event, this.#taken);
    const isText = headline !== null;
    const name = `${kind} ${headline ?? id}`;
    this.#count('unknown', 1);
    this.#operations.set(op, {
      fault: this.#fault,
      name,
      headline,
      isText,
      id,
      version: null,
      outcome: 'unknown',
      sentAt: 0,
      times: 0,
      isGone: false,
    });
  }

  #answered(event: EventOf<'answered'>): void {
    const { op, sentAt, outcome, id, version } = event;
    this.#acknowledged.answer(event, this.#taken);
    const operation = this.#operations.get(op);
    if (!operation) return;
    Object.assign(operation, { sentAt, outcome, id: id ?? operation.id, version });
    this.#count('unknown', -1);
    this.#count(outcome, 1);
  }

  #count(outcome: Outcome, more: number): void {
    const account = this.#accounts.get(this.#fault);
    if (account) account[outcome] += more;
  }

  #compareLog(log: EventOf<'log'>): void {
    const before = this.#log;
    this.#log = log;
    if (log.broken !== null) this.#violate('chain', log.broken);
    if (before && before.epoch !== log.epoch && !this.#losesData && !this.#failsOver)
      this.#violate('epoch', `${before.epoch} became ${log.epoch}, and nothing was lost`);
    const [first] = log.entries;
    for (const [at, { seq }] of log.entries.entries())
      if (first && seq !== first.seq + at) this.#violate('gap', `the log has ${seq} in the place of ${first.seq + at}`);
    const ordered = log.entries.filter(({ isByClock }) => !isByClock);
    const byVersion = grouped(ordered, versionOf);
    const byHeadline = grouped(ordered, ({ headline }) => headline ?? '');
    const explained = new Set<LoggedEntry>();
    for (const operation of this.#operations.values()) {
      const found =
        operation.version === null
          ? []
          : (byVersion.get(versionOf({ ...operation, version: operation.version })) ?? []);
      const named = operation.headline === null ? [] : (byHeadline.get(operation.headline) ?? []);
      const entries = [...new Set([...found, ...named])];
      if (operation.outcome !== 'refused') for (const entry of entries) explained.add(entry);
      this.#judge(operation, entries.length);
    }
    this.#declare(before?.epoch ?? this.#audience.firstEpoch, log.epoch);
    this.#unexplained(ordered.filter((entry) => !explained.has(entry)));
    this.#acknowledged.compare(ordered);
    this.#compareHeld(log.entries);
    this.#proofs.compare(log);
    this.#checkedTo = log.entries.at(-1)?.seq ?? 0;
  }

  /** STOP lets hides and retractions pass, which show nothing. */
  #compareHeld(entries: readonly LoggedEntry[]): void {
    for (const { seq, id, version, now } of entries)
      if (now !== null && this.#held.some(({ from, to }) => seq > from && seq <= to))
        this.#violate('held', `entry ${seq} (${id} ${version}) was appended while STOP was on`);
  }

  /** Text of a retracted or withheld item, in any of its versions. */
  #searchMemory({ process, headlines }: EventOf<'remembered'>): void {
    const last = new Map(this.#log?.entries.map((entry) => [entry.id, entry]));
    const remembered = new Set(headlines);
    for (const { id, headline } of this.#operations.values())
      if (id !== null && headline !== null && last.get(id)?.now === null && remembered.has(headline))
        this.#violate('remembered', `${process} has "${headline}" in memory, although it was withdrawn`);
  }

  /** Every operation at every reading: what a later fault does to an old entry is found as well. */
  #judge(operation: Operation, times: number): void {
    const { name, outcome, isText } = operation;
    const before = operation.times;
    operation.times = times;
    if (times > Math.max(1, before)) this.#violate('doubled', `${name}: ${times} entries`);
    if (outcome === 'refused' && times > before) this.#violate('ghost', `${name} was refused and is in the log`);
    const isKept = outcome === 'accepted' || (outcome === 'unknown' && before > 0);
    if (times > 0 || !isKept || operation.isGone) return;
    operation.isGone = true;
    if (this.#losesData && operation.sentAt < this.#healedAt) this.#gone.push(operation);
    else this.#violate('lost', `${name} was ${outcome} and is not in the log${isText ? '' : ' (no text)'}`);
  }

  /** Commands that Redis lost with its data are allowed to be missing, but only if the log has a new epoch, which clients receive. */
  #declare(before: string | null, epoch: string): void {
    const account = this.#accounts.get(this.#fault);
    const own = this.#gone.filter(({ fault, outcome }) => fault === this.#fault && outcome === 'accepted');
    if (account) account.declared = own.length;
    const [first] = this.#gone;
    if (first && before === epoch && !this.#mayKeepEpoch)
      this.#violate(
        'epoch',
        `${first.name} is gone with ${this.#gone.length - 1} more, and the epoch is still ${epoch}`,
      );
  }

  /** Entries that belong to no accepted command. An entry without a text may belong to a command whose outcome is unknown. */
  #unexplained(entries: readonly LoggedEntry[]): void {
    const open = [...this.#operations.values()].filter(({ outcome, isText }) => outcome === 'unknown' && !isText);
    for (const { seq, id, version } of entries) {
      if (seq <= this.#checkedTo && !this.#losesData) continue;
      const found = open.find((operation) => operation.id === id && operation.version === null);
      if (found) Object.assign(found, { version, times: 1 });
      else this.#violate('ghost', `entry ${seq} (${id} ${version}) is the work of no accepted request`);
    }
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
