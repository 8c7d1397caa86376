import { z } from 'zod';
import {
  type Correction,
  directions,
  type Facets,
  type ItemBody,
  type ItemImage,
  type MoreFields,
  urgencies,
} from './item.ts';
import { languageTag } from './language-tag.ts';
import { publicSite, type Site, type SiteFacet } from './site.ts';
import {
  altLimits,
  attributionLimits,
  cleanText,
  countGraphemes,
  creditLimits,
  headlineLimits,
  linkTextLimits,
  noteLimits,
  paragraphLimits,
  quoteLimits,
  type TextLimits,
} from './text.ts';
import { webAddress } from './web-address.ts';

/** How long a line can be held for its editor's second thoughts. */
export const longestHoldSeconds = 30;

/** Schemas of the bodies that the API parses, for one site. All are strict: an unknown field is a fault that names it. */
export function createItemSchemas(site: Site) {
  const fields = {
    edition: editionId(site),
    language: languageTag.optional(),
    dir: z.enum(directions).optional(),
    headline: line(headlineLimits).meta({ examples: ['Ferry runs aground off the northern coast'] }),
    attribution: line(attributionLimits)
      .optional()
      .meta({ examples: ['Port authority'] }),
    urgency: z
      .enum(urgencies)
      .default('urgent')
      .meta({ examples: ['urgent'] }),
    sections: ids(site.sections, 4),
    regions: ids(site.regions, 4),
    topics: z.array(topic).max(10).transform(unique).default([]),
    url: webAddress.optional(),
    expiresAt: time.optional(),
    holdSeconds: z.number().int().min(0).max(longestHoldSeconds).default(0),
    replaces: itemId.optional(),
    ...moreFields,
    translationOf: z.strictObject({ id: itemId, version: z.number().int().min(1) }).optional(),
  };
  return {
    publish: z
      .strictObject({ ...fields, publishAt: time.optional(), state: z.literal('draft').optional() })
      .superRefine(draftHasNoTime, onFields)
      .superRefine(endsAfterStart, onFields),
    correct: z
      .strictObject({
        ...fields,
        correction: correction.optional().meta({ examples: [exampleCorrection] }),
        state: z.literal('draft').optional(),
      })
      .superRefine(draftHasNoTime, onFields)
      .superRefine(draftHasNoCorrection, onFields),
    publishDraft: z.strictObject({ holdSeconds: fields.holdSeconds }),
    retract: z.strictObject({
      reason: line(noteLimits).meta({ examples: ['The port authority denies it'] }),
      notice: line(noteLimits).optional(),
    }),
    empty: z.strictObject({}),
  };
}

export type ItemSchemas = ReturnType<typeof createItemSchemas>;
export type PublishFields = z.infer<ItemSchemas['publish']>;
export type CorrectFields = z.infer<ItemSchemas['correct']>;

export const itemId = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'must be the id of an item');

/** The body of an item: its fields, and the defaults of its edition. Undefined fields are left out. */
export function bodyOf(site: Site, fields: PublishFields | CorrectFields, correctionShown?: Correction): ItemBody {
  const edition = site.editions.find((candidate) => candidate.id === fields.edition);
  if (!edition) throw new Error(`edition ${fields.edition} passed the schema and is not in the site`);
  const { headline, attribution, urgency, sections, regions, topics, url: link, expiresAt, replaces } = fields;
  return {
    edition: edition.id,
    language: fields.language ?? edition.language,
    dir: fields.dir ?? edition.dir,
    headline,
    ...(attribution !== undefined && { attribution }),
    urgency,
    sections,
    regions,
    topics,
    ...(link !== undefined && { url: link }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    ...(correctionShown && { correction: correctionShown }),
    ...(replaces !== undefined && { replaces }),
    ...definedOf(fields),
    ...(fields.translationOf !== undefined && { translationOf: fields.translationOf }),
  };
}

/** What is below the line, without the parts that the caller left out. */
function definedOf({ paragraphs, links, image, quote }: PublishFields | CorrectFields): MoreFields {
  return {
    ...(paragraphs !== undefined && { paragraphs }),
    ...(links !== undefined && links.length > 0 && { links }),
    ...(image !== undefined && { image: pictureOf(image) }),
    ...(quote !== undefined && { quote }),
  };
}

function pictureOf({ credit, ...image }: NonNullable<PublishFields['image']>): ItemImage {
  return { ...image, ...(credit !== undefined && { credit }) };
}

export function facetsOf({ sections, regions, topics, urgency }: Facets): Facets {
  return { sections, regions, topics, urgency };
}

/** One cleaned line of text; for every text that a person reads. `missing`: the fault if there is none, in place of the usual one. */
export function line(limits: TextLimits, missing?: string) {
  return z
    .string({ error: ({ input }) => (input === undefined ? missing : undefined) })
    .meta({
      minLength: 1,
      description: `One line of plain text, at most ${limits.graphemes} characters as readers count them`,
    })
    .transform((raw, context) => {
      const result = cleanText(raw, limits);
      if (result.ok) return result.text;
      // Without the input, so that no error can bring an editor's text into a log line.
      for (const message of result.problems) context.addIssue({ code: 'custom', message, input: undefined });
      return z.NEVER;
    });
}

/** Pixels. */
const side = z.number().int().min(1).max(20_000);

const mostParagraphs = 5;
const mostLinks = 5;

/** What an item may have below its line (MoreFields). */
const moreFields = {
  paragraphs: z
    .array(line(paragraphLimits))
    .min(1)
    .max(mostParagraphs)
    .superRefine(fitTogether)
    .optional()
    .meta({ examples: [['All 214 passengers are safe.']] }),
  links: z
    .array(z.strictObject({ text: line(linkTextLimits), url: webAddress }))
    .max(mostLinks)
    .optional()
    .meta({ examples: [[{ text: 'The ferry line', url: 'https://ferry.example/' }]] }),
  image: z
    .strictObject({
      url: webAddress,
      alt: line(altLimits, 'is missing: it must say what the picture shows, for people who do not see it'),
      credit: line(creditLimits).optional(),
      width: side,
      height: side,
    })
    .optional()
    .meta({ examples: [{ url: 'https://news.example/ferry.jpg', alt: 'The ferry', width: 1_280, height: 720 }] }),
  quote: z
    .strictObject({ text: line(quoteLimits), by: line(attributionLimits) })
    .optional()
    .meta({ examples: [{ text: 'Nobody is hurt.', by: 'The captain' }] }),
};

/** One paragraph alone has its own limits, and its own fault. */
function fitTogether(paragraphs: readonly string[], context: Report): void {
  if (paragraphs.length < 2) return;
  const count = paragraphs.reduce((sum, paragraph) => sum + countGraphemes(paragraph), 0);
  const bytes = new TextEncoder().encode(paragraphs.join('')).length;
  if (count > paragraphLimits.graphemes)
    context.addIssue({
      code: 'custom',
      message: `have ${count} characters together; at most ${paragraphLimits.graphemes}`,
    });
  else if (bytes > paragraphLimits.bytes)
    context.addIssue({ code: 'custom', message: `have ${bytes} bytes together; at most ${paragraphLimits.bytes}` });
}

/** The fault names no edition that needs a key, because the caller's key may be for another one. */
function editionId(site: Site) {
  const open = publicSite(site).editions.map(({ id }) => id);
  const must = `must be the id of an edition${open.length > 0 ? `, such as ${open.join(', ')}` : ''}`;
  return z.enum(
    site.editions.map(({ id }) => id),
    { error: ({ input }) => (input === undefined ? `is missing: it ${must}` : must) },
  );
}

const unique = (values: readonly string[]) => [...new Set(values)];

/** Old items and feeds may have a retired id, new versions may not. */
function ids(facets: readonly SiteFacet[], most: number) {
  const usable = facets.filter((facet) => !facet.retired).map((facet) => facet.id);
  const known = z
    .string()
    .refine((id) => usable.includes(id), {
      error: ({ input }) =>
        facets.some((facet) => facet.id === input) ? 'is retired' : `must be one of ${usable.join(', ')}`,
    })
    .meta({ enum: usable });
  return z
    .array(known)
    .max(most)
    .transform(unique)
    .default([])
    .meta({ examples: [usable.slice(0, 1)] });
}

/** Filters compare topics byte for byte, so a topic has one form. */
const topic = z
  .string()
  // Before any work on its characters. NFC shortens a text to a third at most.
  .refine((value) => value.length <= 192, 'has more than 64 bytes')
  .transform((value) => value.normalize('NFC'))
  .refine((value) => value !== '' && value === value.trim(), 'must not be empty, nor begin or end with a space')
  .refine((value) => new TextEncoder().encode(value).length <= 64, 'has more than 64 bytes')
  .refine(
    (value) =>
      value.isWellFormed() &&
      !/[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u202A-\u202E\u2066-\u206F\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u.test(
        value,
      ),
    'has control characters',
  );

const lastMs = Date.UTC(10_000, 0) - 1;

/** Milliseconds from 1970: the log has 0 for no time. To the end of the year that RFC 3339 can write last, in UTC. */
export const time = z.iso
  .datetime({ offset: true, error: 'must be a time as RFC 3339 has it, such as 2030-01-31T09:30:00Z' })
  .refine((text) => !(Date.parse(text) <= 0 || Date.parse(text) > lastMs), 'must be a time from 1970 to 9999');

const exampleCorrection = { kind: 'corrected', note: 'The ferry is aground at the northern coast, not the southern' };

const correction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('corrected'), note: line(noteLimits) }),
  z.strictObject({ kind: z.literal('refile'), note: line(noteLimits).optional() }),
]);

/** Checks of several fields also run if one of them is wrong, so that one response names all faults; not if there are none. */
const onFields = { when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null };

interface Times {
  readonly state?: unknown;
  readonly holdSeconds?: unknown;
  readonly publishAt?: unknown;
  readonly expiresAt?: unknown;
  readonly correction?: unknown;
}

interface Report {
  addIssue(issue: { code: 'custom'; path?: string[]; message: string }): void;
}

/** An editor publishes a draft, so a time in it would be dropped silently. */
function draftHasNoTime(fields: Times, context: Report): void {
  if (fields.state !== 'draft') return;
  const message = 'has no effect on a draft; leave out this field or `state`';
  if (fields.publishAt !== undefined) context.addIssue({ code: 'custom', path: ['publishAt'], message });
  if (typeof fields.holdSeconds === 'number' && fields.holdSeconds > 0)
    context.addIssue({ code: 'custom', path: ['holdSeconds'], message });
}

/** Readers have seen what has a correction, so it is no draft. */
function draftHasNoCorrection({ state, correction }: Times, context: Report): void {
  if (state === 'draft' && correction !== undefined)
    context.addIssue({ code: 'custom', path: ['state'], message: 'is not for a correction; leave out one of them' });
}

function endsAfterStart({ publishAt, expiresAt }: Times, context: Report): void {
  if (typeof publishAt !== 'string' || typeof expiresAt !== 'string') return;
  if (Date.parse(expiresAt) <= Date.parse(publishAt))
    context.addIssue({ code: 'custom', path: ['expiresAt'], message: 'is not after publishAt' });
}
