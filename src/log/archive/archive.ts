import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { canaryEdition } from '../../item/canary.ts';
import { parseJson } from '../../item/json.ts';

/**
 * A site as a file, NDJSON in UTF-8: a header, a line for each key or part of a key, and an end with the number of lines before it
 * and their SHA-256, so that a torn or changed file is noticed. Keys are without the site's prefix. Times are ms since 1970. Values
 * are exactly those of Redis.
 */
const header = z.strictObject({
  type: z.literal('flashwire-export'),
  format: z.literal(1),
  /** Of the data (schema-version.ts). */
  schema: z.int().min(1),
  prefix: z.string(),
  at: z.iso.datetime(),
  editions: z.array(z.string()),
});

const place = { key: z.string().min(1), expiresAt: z.number().optional() };
const pair = z.tuple([z.string(), z.string()]);
/** Parts of one key may come in any order and twice. Parts of a stream come once, oldest first. */
const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('string'), ...place, value: z.string() }),
  z.strictObject({ type: z.literal('hash'), ...place, fields: z.array(pair).min(1) }),
  z.strictObject({ type: z.literal('set'), ...place, members: z.array(z.string()).min(1) }),
  z.strictObject({ type: z.literal('zset'), ...place, members: z.array(pair).min(1) }),
  z.strictObject({
    type: z.literal('stream'),
    ...place,
    entries: z.array(z.tuple([z.string(), z.array(z.string())])).min(1),
  }),
]);
const end = z.strictObject({ type: z.literal('end'), lines: z.int(), sha256: z.string() });

export type ArchiveHeader = Readonly<z.infer<typeof header>>;
export type ArchivePart = Readonly<z.infer<typeof part>>;

/** Why a file cannot be written or read: one line that says what to do. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

const leftOut = [
  /^schema$/, // in the header
  /^\{[^}]*\}:queue:/, // the reconciler gives every command that is due a job
  new RegExp(`^\\{${canaryEdition.id}\\}:`),
  /^\{[^}]*\}:suspect$/, // an import gives every edition a new epoch
  /^(rate|sessions?|own):/,
  /^\{[^}]*\}:flashes$/, // of the last minute
  /^roll$/, // of processes that are not there
];

/** Whether an export has this key; `name` is without the prefix. Unknown keys are kept. */
export function isKept(name: string): boolean {
  return !leftOut.some((pattern) => pattern.test(name));
}

/** Counts and hashes the lines of an archive as they pass. */
export class Seal {
  readonly #hash = createHash('sha256');
  #lines = 0;

  add(line: string | Buffer): void {
    this.#hash.update(line).update('\n');
    this.#lines += 1;
  }

  /** The end of the archive. No line can be added after it. */
  close(): z.infer<typeof end> {
    return { type: 'end', lines: this.#lines, sha256: this.#hash.digest('hex') };
  }
}

/** The header, then every part. Rejects with an ArchiveError at the end if a line is missing or changed, so no part is verified before the end. */
export async function* readArchive(file: string): AsyncGenerator<ArchiveHeader | ArchivePart> {
  const seal = new Seal();
  let number = 0;
  let closed: z.infer<typeof end> | null = null;
  for await (const line of linesOf(file)) {
    number += 1;
    if (closed) throw new ArchiveError(`${file}: there is something after the end`);
    const value = parseLine(line, number, file);
    if (value.type === 'end') closed = value;
    else {
      seal.add(line);
      yield value;
    }
  }
  const read = seal.close();
  if (!closed) throw new ArchiveError(`${file} is torn: it has no end after line ${number}`);
  if (closed.lines !== read.lines || closed.sha256 !== read.sha256)
    throw new ArchiveError(`${file} is damaged: its checksum is not that of its ${read.lines} lines`);
}

/** Parses one line. Throws only ArchiveErrors. */
export function parseLine(
  line: Buffer,
  number: number,
  file: string,
): ArchiveHeader | ArchivePart | z.infer<typeof end> {
  const value = parseJson(line.toString('utf8'));
  if (number === 1) {
    const first = header.safeParse(value);
    if (!first.success) throw new ArchiveError(`${file} is no export of Flashwire, or of a format that came later`);
    return first.data;
  }
  const parsed = z.union([part, end]).safeParse(value);
  if (!parsed.success) throw new ArchiveError(`${file} is damaged: line ${number} cannot be read`);
  return parsed.data;
}

/** Far longer than any line of an export. */
const maxLineBytes = 256 * 1024 * 1024;

/** Splits at \n only. readline would also split at U+2028. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, at)]);
      rest = [];
      length = 0;
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > maxLineBytes) throw new ArchiveError(`${file} is no export of Flashwire: a line has no end`);
  }
  if (length > 0) yield Buffer.concat(rest);
}
