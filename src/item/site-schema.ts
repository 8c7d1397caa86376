import { z } from 'zod';
import type { Site } from './site.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1-32 of a-z, 0-9 and -');
const labels = z.record(z.string().min(2), z.string().min(1));
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
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 language tag'),
  dir: z.enum(['ltr', 'rtl']),
  timeZone,
  numerals: z.enum(['latn', 'arab', 'arabext', 'deva', 'beng']),
  access: z.enum(['public', 'key']).default('public'),
});

/** flashwire.config.json; flashwire.config.schema.json is generated from it, and a test holds the two together. */
export const siteSchema = z
  .strictObject({
    $schema: z.string().optional(),
    editions: z.array(edition).min(1),
    sections: z.array(facet).default([]),
    regions: z.array(facet).default([]),
    topics: z.array(facet).default([]),
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

/** flashwire.config.schema.json, for editors that check the file while it is written. */
export function siteJsonSchema(): object {
  return z.toJSONSchema(siteSchema, { io: 'input' });
}

/** Throws an Error whose message is one line naming every bad place. */
export function parseSite(json: unknown): Site {
  const result = siteSchema.safeParse(json);
  if (!result.success)
    throw new Error(
      result.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; '),
    );
  const { $schema: _, ...site } = result.data;
  return site as Site;
}
