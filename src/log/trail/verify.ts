import { createHash } from 'node:crypto';
import { redisErrorKind } from '../redis/redis-error.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { type ChainHead, type ChainRecord, type ChainSource, redisSource } from './chain-source.ts';
import { Broken, checkOrder, type Trail } from './trails.ts';
import { ItemsOfLog } from './verify-items.ts';

export interface Verification {
  readonly edition: string;
  readonly epoch: string;
  /** Newest entry: its seq and link. */
  readonly seq: number;
  readonly hash: string;
  /** How many entries, events of the audit trail, and texts were checked. */
  readonly entries: number;
  readonly events: number;
  readonly texts: number;
  /** Entries and events from before the chain, which no link covers. */
  readonly unchained: number;
  /** Items of the log whose record has expired, so that there is nothing to compare. */
  readonly gone: number;
  /** Time of the oldest event, ms, if older ones were trimmed; absent if the trail is whole. */
  readonly eventsSince?: number;
  /** The first record that does not fit, in words; null if all fit. */
  readonly broken: string | null;
}

/** A head that was kept outside Redis. `hash` is a link, or at least its first eight digits. */
export interface NotedHead {
  readonly seq: number;
  readonly hash: string;
}

/**
 * Walks the chain of an edition and its audit trail from the oldest record to the head, and compares the data that readers are
 * served with the log. Only reads. Rejects while Redis is unreachable.
 */
export function verifyEdition(
  redis: RedisConnection,
  prefix: string,
  edition: string,
  noted?: NotedHead,
): Promise<Verification> {
  return verifyChain(redisSource(redis, prefix, edition), edition, noted);
}

export async function verifyChain(source: ChainSource, edition: string, noted?: NotedHead): Promise<Verification> {
  const walk = new Walk(source);
  let broken: string | null = null;
  try {
    await walk.run(noted ?? null);
  } catch (error) {
    if (error instanceof Broken) broken = error.message;
    else if (redisErrorKind(error) === 'wrong-type') broken = 'a key of the log is of a type that nobody wrote';
    else throw error;
  }
  return { edition, ...walk.result, broken };
}

class Walk {
  readonly result = {
    epoch: '',
    seq: 0,
    hash: '',
    entries: 0,
    events: 0,
    texts: 0,
    unchained: 0,
    gone: 0,
  };
  readonly #source: ChainSource;
  readonly #entries: Trail = { what: 'entry', links: [], hasStart: false };
  readonly #events: Trail = { what: 'event of the audit trail', links: [], hasStart: false };
  readonly #items = new ItemsOfLog();
  #newestEntry: ChainRecord | null = null;
  /** Changes of the epoch, each with the link of the newest entry at that time. */
  readonly #epochs: { readonly epoch: string; readonly after: string }[] = [];

  constructor(source: ChainSource) {
    this.#source = source;
  }

  async run(noted: NotedHead | null): Promise<void> {
    // The heads first, so that records written during the walk are after them.
    const head = await this.#source.head();
    const { epoch = '', seq = '0', hash = '' } = head.meta;
    if (!/^\d{1,15}$/.test(seq)) throw new Broken('the head names no entry');
    Object.assign(this.result, { epoch, seq: Number(seq), hash });
    await this.#walkEntries(head, noted);
    await this.#walkEvents(head);
    checkOrder(this.#entries, this.#events);
    this.#checkEpoch();
    Object.assign(this.result, await this.#items.check(this.#source, head.entries.newest));
  }

  async #walkEntries({ entries: { oldest, newest } }: ChainHead, noted: NotedHead | null): Promise<void> {
    const { seq: headSeq, hash: headHash } = this.result;
    let before: { readonly seq: number; readonly hash: string } | null = null;
    const records = newest === null ? [] : this.#source.records('log', null, newest);
    for await (const record of records) {
      const { id, fields } = record;
      const seq = Number(/^(\d{1,15})-0$/.exec(id)?.[1] ?? Number.NaN);
      if (Number.isNaN(seq)) throw new Broken(`entry ${id} has no place in the log`);
      const name = `entry ${seq} (item ${fields.get('i')}, version ${fields.get('v')})`;
      if (before && seq !== before.seq + 1) throw new Broken(`entry ${before.seq + 1} is missing`);
      const hash = fields.get('h') ?? '';
      if (hash === '' && (!isBare(record) || (before !== null && before.hash !== '')))
        throw new Broken(`${name} has no link`);
      if (hash === '') this.result.unchained++;
      else {
        const linkBefore = fields.get('b') ?? '';
        if (linkBefore !== (before?.hash ?? (seq === 1 ? '' : linkBefore)))
          throw new Broken(`${name} does not follow entry ${seq - 1}`);
        checkLink(record, name, [linkBefore, fields.get('u') ?? '', String(seq)], ['b', 'u', 'h']);
        this.#entries.hasStart ||= linkBefore === '';
        this.#entries.links.push({ name, hash, names: fields.get('u') ?? '' });
        this.#items.add(name, seq, fields);
      }
      if (noted?.seq === seq && !(noted.hash !== '' && hash.startsWith(noted.hash)))
        throw new Broken(`${name} is not the one whose head was noted: history has been rewritten since`);
      before = { seq, hash };
      this.#newestEntry = record;
      this.result.entries++;
    }
    const last = before?.seq ?? 0;
    if (last < headSeq) throw new Broken(`entry ${headSeq} is missing: the head names it`);
    if (last > headSeq) throw new Broken(`entry ${headSeq + 1} stands behind the head`);
    if ((before?.hash ?? '') !== headHash) throw new Broken(`the head does not fit entry ${headSeq}`);
    checkOldest('entry', this.#newestEntry?.fields.get('o') ?? '', oldest?.split('-')[0] ?? '');
    if (noted && noted.seq > headSeq)
      throw new Broken(`the log ends at entry ${headSeq}: entry ${noted.seq}, whose head was noted, is gone`);
    if (noted && Number(oldest?.split('-')[0]) > noted.seq)
      throw new Broken(
        `entry ${noted.seq} has been trimmed: the head that was noted there cannot be compared any more`,
      );
  }

  async #walkEvents({ meta, events: { oldest, newest } }: ChainHead): Promise<void> {
    let before: string | null = null;
    let last: ChainRecord | null = null;
    for await (const record of newest === null ? [] : this.#source.records('audit', null, newest)) {
      const { id, fields } = record;
      const name = `event ${id} of the audit trail (${fields.get('action')} by ${fields.get('name')})`;
      const hash = fields.get('h') ?? '';
      if (hash === '' && (!isBare(record) || before !== null)) throw new Broken(`${name} has no link`);
      if (hash === '') this.result.unchained++;
      else {
        const linkBefore = fields.get('b') ?? '';
        const names = fields.get('l') ?? '';
        if (linkBefore !== (before ?? (last ? '' : linkBefore)))
          throw new Broken(`${name} does not follow the event before it`);
        checkLink(record, name, [linkBefore, names, id.split('-')[0] ?? ''], ['t', 'b', 'l', 'h']);
        if (fields.get('t') !== id.split('-')[0]) throw new Broken(`${name} has been changed: its time is not its own`);
        this.#events.hasStart ||= linkBefore === '';
        this.#events.links.push({ name, hash, names });
        if (fields.get('action') === 'epoch') this.#epochs.push({ epoch: fields.get('detail') ?? '', after: names });
        before = hash;
        this.result.events++;
      }
      last = record;
    }
    if ((before ?? '') !== (meta['audit'] ?? ''))
      throw new Broken('the newest event of the audit trail is missing: the head names another');
    const isWhole = this.#events.links.length === 0 || this.#events.hasStart;
    if (!isWhole) Object.assign(this.result, { eventsSince: Number(oldest?.split('-')[0]) });
    if (before !== null && last) checkOldest('event', last.fields.get('o') || last.id, oldest ?? '');
  }

  /** The epoch must be that of the newest entry, or of an event after it. */
  #checkEpoch(): void {
    const { epoch, hash } = this.result;
    const taken = this.#epochs.findLast(({ after }) => after === hash)?.epoch;
    const right = taken ?? this.#newestEntry?.fields.get('e') ?? epoch;
    if (epoch !== right) throw new Broken(`the head's epoch is ${epoch}, and ${right} by the chain`);
  }
}

/** The newest record names the oldest of its stream, because only a write trims the stream. */
function checkOldest(what: string, named: string, found: string): void {
  if (named === '' || named === found) return;
  throw new Broken(
    isBehind(found, named)
      ? `${what} ${named} is missing: the newest ${what} names it as the oldest`
      : `${what} ${found} stands in front of ${what} ${named}, which the newest ${what} names as the oldest`,
  );
}

/** Whether a record is from before the chain. */
function isBare({ fields }: ChainRecord): boolean {
  return !fields.has('h') && !fields.has('b');
}

function isBehind(id: string, other: string): boolean {
  const [[ms = 0, seq = 0], [otherMs = 0, otherSeq = 0]] = [id.split('-').map(Number), other.split('-').map(Number)];
  return ms === otherMs ? seq > otherSeq : ms > otherMs;
}

/** Computes the link as chain.lua does. `apart` are the fields that are in `first`, and the link itself. */
function checkLink(
  { fields, flat }: ChainRecord,
  name: string,
  first: readonly string[],
  apart: readonly string[],
): void {
  const rest = flat.filter((_, at) => !apart.includes(flat[at - (at % 2)] ?? ''));
  const whole = [...first, ...rest].map((part) => `${Buffer.byteLength(part)}:${part}`).join(',');
  const isWhole = apart.every((field) => flat.filter((one, at) => at % 2 === 0 && one === field).length === 1);
  if (!isWhole || createHash('sha1').update(whole).digest('hex') !== fields.get('h'))
    throw new Broken(`${name} has been changed: its link does not fit what it says`);
}
