import { z } from 'zod';
import { parseWithFaults } from './fault-text.ts';
import { directions } from './item.ts';
import { languageTag } from './language-tag.ts';
import { line } from './schema.ts';
import type { Site } from './site.ts';
import { noteLimits } from './text.ts';

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

const edition = z.strictObject({
  id,
  name: z.string().min(1),
  language: languageTag,
  dir: z.enum(directions),
  timeZone,
  numerals: z.enum(['latn', 'arab', 'arabext', 'deva', 'beng']),
  access: z.enum(['public', 'key']).default('public'),
  notice: line(noteLimits).optional().meta({
    description: 'What a retraction says that has no notice of its own; {time} stands for the time of the line',
  }),
});

/** Schema of flashwire.config.json. flashwire.config.schema.json is generated from it, and a test compares both. */
const siteSchema = z
  .strictObject({
    $schema: z.string().optional(),
    editions: z.array(edition).min(1),
    sections: z.array(facet).prefault([]),
    regions: z.array(facet).prefault([]),
    topics: z.array(facet).prefault([]),
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
  const { $schema: _, ...site } = result.value;
  return site as Site;
}
