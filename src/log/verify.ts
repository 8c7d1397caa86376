import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { type EditionKeys, editionKeys } from './keys.ts';

export interface Verification {
  readonly edition: string;
  readonly epoch: string;
  /** Newest entry: its seq and link. */
  readonly seq: number;
  readonly hash: string;
  /** How many entries and events of the audit trail have been walked, and how many texts compared with their digests. */
  readonly entries: number;
  readonly events: number;
  readonly texts: number;
  /** Entries from before there was a chain: nothing covers them. */
  readonly unchained: number;
  /** The first that does not fit, in words; null when all fit. */
  readonly broken: string | null;
}

interface Record {
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
  /** As they stand: a field that is there twice is a change too. */
  readonly flat: readonly string[];
}

/** Something does not fit; the message names it. */
class Broken extends Error {}

const readAtOnce = 500;

/** Walks the chain of an edition from its oldest entry to its head. Reads only; rejects when Redis is away. */
export async function verifyEdition(redis: Redis, prefix: string, edition: string): Promise<Verification> {
  const walk = new Walk(redis, editionKeys(prefix, edition));
  let broken: string | null = null;
  try {
    await walk.run();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    broken = error.message;
  }
  return { edition, ...walk.found, broken };
}

class Walk {
  readonly found = { epoch: '', seq: 0, hash: '', entries: 0, events: 0, texts: 0, unchained: 0 };
  readonly #redis: Redis;
  readonly #keys: EditionKeys;
  /** Links seen, in their order, so that what one trail says of the other can be looked up. */
  readonly #entryLinks = new Map<string, number>();
  readonly #eventLinks = new Map<string, number>();
  readonly #entryRefers: Reference[] = [];
  readonly #eventRefers: Reference[] = [];

  constructor(redis: Redis, keys: EditionKeys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async run(): Promise<void> {
    // The heads first: what is written meanwhile lies behind them.
    const [epoch, seq, hash, audit] = await this.#redis.hmget(this.#keys.meta, 'epoch', 'seq', 'hash', 'audit');
    Object.assign(this.found, { epoch: epoch ?? '', seq: Number(seq ?? 0), hash: hash ?? '' });
    await this.#entries(this.found.seq, this.found.hash);
    await this.#events(audit ?? '');
    checkReferences(this.#entryRefers, this.#eventLinks, 'event of the audit trail');
    checkReferences(this.#eventRefers, this.#entryLinks, 'entry');
  }

  async #entries(headSeq: number, headHash: string): Promise<void> {
    let before: { readonly seq: number; readonly hash: string } | null = null;
    for await (const { id, fields, flat } of records(this.#redis, this.#keys.log, `${headSeq}-0`)) {
      const seq = Number(id.split('-')[0]);
      const name = `entry ${seq} (item ${fields.get('i')}, version ${fields.get('v')})`;
      if (before && seq !== before.seq + 1) throw new Broken(`entry ${before.seq + 1} is missing`);
      const hash = fields.get('h') ?? '';
      if (hash === '' && before !== null && before.hash !== '') throw new Broken(`${name} has no link`);
      if (hash === '') this.found.unchained++;
      else {
        const said = fields.get('b') ?? '';
        if (said !== (before?.hash ?? (seq === 1 ? '' : said)))
          throw new Broken(`${name} does not follow entry ${seq - 1}`);
        if (hash !== link([said, fields.get('u') ?? '', String(seq), ...partsOf(flat, ['b', 'u', 'h'])]))
          throw new Broken(`${name} has been changed: its link does not fit what it says`);
        this.#entryLinks.set(hash, seq);
        this.#entryRefers.push({ name, link: fields.get('u') ?? '' });
        await this.#text(name, fields);
      }
      before = { seq, hash };
      this.found.entries++;
    }
    if ((before?.seq ?? 0) !== headSeq) throw new Broken(`entry ${headSeq} is missing: the head names it`);
    if (before && before.hash !== headHash) throw new Broken(`the head does not fit entry ${headSeq}`);
  }

  /** A text may be gone; one that is there is the one that was published. */
  async #text(name: string, fields: ReadonlyMap<string, string>): Promise<void> {
    const digest = fields.get('d') ?? '';
    if (digest === '' || (fields.get('n') ?? '') === '') return;
    const text = await this.#redis.hget(this.#keys.text(fields.get('i') ?? ''), fields.get('v') ?? '');
    if (text === null) return;
    this.found.texts++;
    if (createHash('sha256').update(text).digest('hex') !== digest)
      throw new Broken(`the text of ${name} is not the one that was published`);
  }

  async #events(head: string): Promise<void> {
    let before: string | null = null;
    for await (const { id, fields, flat } of records(this.#redis, this.#keys.audit, '+')) {
      const name = `event ${id} of the audit trail (${fields.get('action')} by ${fields.get('name')})`;
      const hash = fields.get('h') ?? '';
      if (hash === '' && before) throw new Broken(`${name} has no link`);
      if (hash !== '') {
        const said = fields.get('b') ?? '';
        if (before !== null && said !== before) throw new Broken(`${name} does not follow the event before it`);
        const refers = fields.get('l') ?? '';
        if (hash !== link([said, refers, fields.get('t') ?? '', ...partsOf(flat, ['t', 'b', 'l', 'h'])]))
          throw new Broken(`${name} has been changed: its link does not fit what it says`);
        this.#eventLinks.set(hash, this.found.events);
        this.#eventRefers.push({ name, link: refers });
        before = hash;
        this.found.events++;
      }
      // Newer ones were written during the walk.
      if (hash === head) return;
    }
    if (head !== '') throw new Broken('the newest event of the audit trail is missing: the head names another');
  }
}

interface Reference {
  readonly name: string;
  readonly link: string;
}

/** Each names the newest of the other trail at its time. What both have let go of at their old ends proves nothing. */
function checkReferences(references: readonly Reference[], links: ReadonlyMap<string, number>, what: string): void {
  let newest = -1;
  for (const { name, link: named } of references) {
    const at = links.get(named);
    if (at === undefined && newest >= 0) throw new Broken(`${name} names an ${what} that is missing`);
    if (at !== undefined && at < newest) throw new Broken(`${name} names an older ${what} than the one before it`);
    newest = at ?? newest;
  }
}

/** As chain.lua makes it. */
function link(parts: readonly string[]): string {
  const whole = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(',');
  return createHash('sha1').update(whole).digest('hex');
}

function partsOf(flat: readonly string[], links: readonly string[]): readonly string[] {
  return flat.filter((_, at) => !links.includes(flat[at - (at % 2)] ?? ''));
}

async function* records(redis: Redis, key: string, last: string): AsyncGenerator<Record> {
  let from = '-';
  for (;;) {
    const found = await redis.xrange(key, from, last, 'COUNT', readAtOnce);
    for (const [id, flat] of found) {
      const fields = new Map<string, string>();
      for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at] ?? '', flat[at + 1] ?? '');
      yield { id, fields, flat };
    }
    const newest = found.at(-1)?.[0];
    if (found.length < readAtOnce || newest === undefined) return;
    from = `(${newest}`;
  }
}
