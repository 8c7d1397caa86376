import { z } from 'zod';
import { type Command, commandKinds, commandStates } from '../../item/command.ts';
import {
  changes,
  correctionKinds,
  directions,
  type Facets,
  type ItemBody,
  type PublicBody,
  removalReasons,
  urgencies,
  usableItem,
} from '../../item/item.ts';
import type { Entry } from './entry.ts';
import type { EntryLetter } from './entry-header.ts';

/** Schemas of the data that Redis returns, which is a trust boundary like any other. */

const facets = z.object({
  sections: z.array(z.string()),
  regions: z.array(z.string()),
  topics: z.array(z.string()),
  urgency: z.enum(urgencies),
});

const body = facets.extend({
  edition: z.string(),
  language: z.string(),
  dir: z.enum(directions),
  headline: z.string(),
  attribution: z.string().optional(),
  url: z.string().optional(),
  expiresAt: z.string().optional(),
  correction: z
    .object({ kind: z.enum(correctionKinds), note: z.string().optional(), at: z.string().optional() })
    .optional(),
  replaces: z.string().optional(),
  paragraphs: z.array(z.string()).optional(),
  links: z.array(z.object({ text: z.string(), url: z.string() })).optional(),
  image: z
    .object({
      url: z.string(),
      alt: z.string(),
      credit: z.string().optional(),
      width: z.number(),
      height: z.number(),
    })
    .optional(),
  quote: z.object({ text: z.string(), by: z.string() }).optional(),
});

/** What the desk gets in addition. */
const deskBody = body.extend({ translationOf: z.object({ id: z.string(), version: z.number() }).optional() });

const orNull = <T extends z.ZodType>(schema: T) => z.union([z.literal('').transform(() => null), schema]);

export function parseFacets(json: string): Facets {
  return facets.parse(JSON.parse(json));
}

export function parseBody(json: string): PublicBody {
  // exactOptionalPropertyTypes: JSON has no undefined, so an absent field stays absent.
  return body.parse(JSON.parse(json)) as PublicBody;
}

export function parseDeskBody(json: string): ItemBody {
  return deskBody.parse(JSON.parse(json)) as ItemBody;
}

/** The fields of a stream entry that a fan-out uses (entry-header.ts), still without the text. */
const headerFields = {
  c: z.string(),
  i: z.string(),
  v: z.coerce.number(),
  p: z.coerce.number(),
  t: z.coerce.number(),
  a: z.coerce.number(),
  d: z.string(),
  b: z.string().default(''),
  h: z.string().default(''),
  w: orNull(z.string().transform(parseFacets)),
  n: orNull(z.string().transform(parseFacets)),
  k: orNull(z.enum(changes)),
  r: orNull(z.enum(removalReasons)),
  m: orNull(z.string()),
} satisfies Partial<Record<EntryLetter, z.ZodType>>;

const header = z.object(headerFields);

export interface Header {
  readonly seq: number;
  readonly fields: z.infer<typeof header>;
}

export function parseHeader([id, flat]: readonly [string, readonly string[]]): Header {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] ?? '', flat[at + 1] ?? '']);
  return { seq: Number(id.split('-')[0]), fields: header.parse(Object.fromEntries(pairs)) };
}

/** `text` is the body of the entry's version; null if it has none or it was erased. */
export function entryOf(epoch: string, { seq, fields }: Header, text: string | null): Entry {
  return {
    epoch,
    seq,
    commandId: fields.c,
    itemId: fields.i,
    version: fields.v,
    place: fields.p,
    at: fields.t,
    was: fields.w,
    now: fields.n,
    change: fields.k,
    reason: fields.r,
    notice: fields.m,
    digest: fields.d,
    hash: fields.h,
    before: fields.b,
    item:
      text === null || fields.n === null
        ? null
        : usableItem(parseBody(text), {
            id: fields.i,
            version: fields.v,
            place: fields.p,
            publishedAtMs: fields.a,
            updatedAtMs: fields.t,
          }),
  };
}

const message = z.object({
  epoch: z.string(),
  seq: z.number(),
  commandId: z.string(),
  itemId: z.string(),
  version: z.number(),
  place: z.number(),
  at: z.number(),
  publishedAt: z.number(),
  digest: z.string(),
  hash: z.string(),
  before: z.string(),
  was: facets.nullable(),
  now: facets.nullable(),
  change: z.enum(changes).nullable(),
  reason: z.enum(removalReasons).nullable(),
  notice: z.string().nullable(),
  body: body.nullable(),
  withdrawn: z
    .object({ facets, language: z.string(), dir: z.enum(directions), notice: z.string().nullable() })
    .nullish()
    .catch(null),
});

/** A live message as append.lua publishes it. Throws on anything else. */
export function parseMessage(json: string): Entry {
  const { publishedAt, body: text, withdrawn, ...entry } = message.parse(JSON.parse(json));
  const stamp = {
    id: entry.itemId,
    version: entry.version,
    place: entry.place,
    publishedAtMs: publishedAt,
    updatedAtMs: entry.at,
  };
  const { itemId: id, version, place, at, reason: kind } = entry;
  return {
    ...entry,
    item: text ? usableItem(text as PublicBody, stamp) : null,
    ...(withdrawn && kind && kind !== 'moved' && { withdrawn: { id, version, place, kind, at, ...withdrawn } }),
  };
}

const command = z.object({
  id: z.string().min(1),
  kind: z.enum(commandKinds),
  edition: z.string().min(1),
  item: z.string().min(1),
  version: z.coerce.number().int().min(1),
  state: z.enum(commandStates),
  due: z.coerce.number(),
  body: z.string(),
  facets: orNull(z.string().transform(parseFacets)),
  notice: z.string().default(''),
  seq: z.coerce.number().optional(),
  problem: z.string().optional(),
});

/** A record in Redis is not one that the log writes. A retry does not help. */
export class ParseError extends Error {
  override readonly name = 'ParseError';
}

/** A command as the worker reads it. Throws a ParseError on a record that is not one. */
export function parseCommand(record: Readonly<Record<string, string>>): Command {
  try {
    const { item, due, seq, problem, ...rest } = command.parse(record);
    if (rest.body !== '') parseBody(rest.body);
    return { ...rest, itemId: item, dueAt: due, seq: seq ?? null, problem: problem ?? null };
  } catch (cause) {
    throw new ParseError('the record is not a command', { cause });
  }
}
