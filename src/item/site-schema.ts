import { z } from 'zod';
import { demonstration } from './demonstration.ts';
import { parseWithFaults } from './fault-text.ts';
import { identity, wordsOf } from './identity-schema.ts';
import { directions, urgencies } from './item.ts';
import { languageTag } from './language-tag.ts';
import { eachOnce, sourceFields } from './line/source-schema.ts';
import { hasSlotsOnly } from './line/template.ts';
import { line } from './schema.ts';
import { labelIn, type Site, usualFlashesPerMinute, usualFlashMinutes, usualMaxAgeHours } from './site.ts';
import { headlineLimits, noteLimits, type TextLimits } from './text.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1-32 of a-z, 0-9 and -');
const labels = z.record(languageTag, z.string().min(1));
const facet = z.strictObject({ id, labels, retired: z.boolean().optional() });

const timeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}, 'must be an IANA time zone, such as Europe/Madrid');

const templateNameLimits: TextLimits = { graphemes: 60, bytes: 240 };

const template = z.strictObject({
  name: line(templateNameLimits),
  text: line(headlineLimits)
    .refine(hasSlotsOnly, 'must have braces only around the name of a slot of 1 to 40 characters, such as {place}')
    .meta({ description: 'A line with slots in braces, such as "Sirens in {place}"' }),
  urgency: z.enum(urgencies).optional(),
});

/** `/desk/api` describes the API, so an edition of that name would have no desk. */
const editionId = id.refine((name) => name !== 'api', 'must not be "api": /desk/api is the page of the API');

const edition = z.strictObject({
  id: editionId,
  name: z.string().min(1),
  language: languageTag,
  dir: z.enum(directions),
  timeZone,
  numerals: z.enum(['latn', 'arab', 'arabext', 'deva', 'beng']),
  access: z.enum(['public', 'key']).default('public'),
  notice: line(noteLimits).optional().meta({
    description: 'What a retraction says that has no notice of its own; {time} stands for the time of the line',
  }),
  flashesPerMinute: z
    .int()
    .min(1)
    .max(600)
    .optional()
    .meta({
      description: `How many flashes a minute go out without a confirmation; ${usualFlashesPerMinute} if it is not set`,
    }),
  maxAgeHours: z
    .int()
    .min(1)
    .max(87_600)
    .optional()
    .meta({ description: `The age at which a line leaves the ticker; ${usualMaxAgeHours} if it is not set` }),
  flashMinutes: z
    .int()
    .min(0)
    .max(1_440)
    .optional()
    .meta({ description: `How long the newest flash stays above the others; ${usualFlashMinutes} if it is not set` }),
  templates: z.array(template).max(50).optional().meta({ description: 'Phrases for the desk' }),
});

const source = z.strictObject({
  ...sourceFields,
  editions: z.array(id).min(1).optional().meta({ description: 'The editions that use it; without them every edition' }),
});

/** Schema of flashwire.config.json. flashwire.config.schema.json is generated from it, and a test compares both. */
const siteSchema = z
  .strictObject({
    $schema: z.string().optional(),
    site: identity.optional().meta({ description: 'The name and the look of the newsroom' }),
    editions: z.array(edition).min(1),
    sections: z.array(facet).prefault([]),
    regions: z.array(facet).prefault([]),
    topics: z.array(facet).prefault([]),
    sources: z.array(source).max(500).prefault([]),
  })
  .superRefine((site, context) => {
    for (const list of ['editions', 'sections', 'regions', 'topics'] as const) {
      const seen = new Set<string>();
      for (const [at, entry] of site[list].entries()) {
        if (seen.has(entry.id))
          context.addIssue({ code: 'custom', path: [list, at, 'id'], message: `${entry.id} stands there twice` });
        seen.add(entry.id);
      }
    }
    for (const { path, words } of site.site ? wordsOf(site.site) : []) {
      const without =
        typeof words === 'object' && site.editions.find(({ language }) => labelIn(words, language) === undefined);
      if (without)
        context.addIssue({
          code: 'custom',
          path: ['site', ...path],
          message: `has no text for the language ${without.language} of an edition; add it, or "en" for all others`,
        });
    }
    for (const [at, { templates = [] }] of site.editions.entries()) {
      for (const [of, { name }] of templates.entries())
        if (templates.findIndex((other) => other.name === name) < of)
          context.addIssue({
            code: 'custom',
            path: ['editions', at, 'templates', of, 'name'],
            message: 'stands there twice',
          });
    }
    for (const [at, { editions = [] }] of site.sources.entries()) {
      for (const [of, id] of editions.entries())
        if (site.editions.every((edition) => edition.id !== id))
          context.addIssue({ code: 'custom', path: ['sources', at, 'editions', of], message: 'is not an edition' });
    }
    eachOnce(
      site.sources,
      context,
      ['sources'],
      ({ editions: some }, { editions: others }) => !some || !others || some.some((id) => others.includes(id)),
    );
  });

/** flashwire.config.schema.json, for text editors that check the file. */
export function siteJsonSchema(): object {
  return z.toJSONSchema(siteSchema, { io: 'input' });
}

/** Throws an Error whose message names every fault in one line. */
export function parseSite(json: unknown): Site {
  const result = parseWithFaults(siteSchema, json);
  if (!result.ok)
    throw new Error(result.faults.map(({ path, detail }) => `${path.join('.') || 'file'}: ${detail}`).join('; '));
  const { $schema: _, site = demonstration, ...rest } = result.value;
  return { site, ...rest } as Site;
}
