import { z } from 'zod';
import { languageTag } from './language-tag.ts';
import { line } from './schema.ts';
import type { TextLimits } from './text.ts';
import { webAddress } from './web-address.ts';

const nameLimits: TextLimits = { graphemes: 60, bytes: 240 };
const taglineLimits: TextLimits = { graphemes: 160, bytes: 640 };

/** A text, or texts by language tag. */
function words(limits: TextLimits) {
  const text = line(limits);
  return z
    .union([text, z.record(languageTag, text)], 'must be a text, or texts by language tag such as {"en": "News"}')
    .meta({ description: 'A text, or texts by language tag, such as {"en": "News", "ar": "أخبار"}' });
}

const color = z
  .string()
  .regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, 'must be a CSS hex colour, such as #0b5394')
  .transform((hex) => (hex.length === 7 ? hex : hex.replaceAll(/[0-9a-f]/gi, '$&$&')).toLowerCase())
  .meta({ description: 'A background. The text on it is black or white, whichever contrasts more' });

/** `/about`, not `//host`. It has no backslash or space, which browsers read as something else. */
const pathPattern = /^\/(?![/\\])[^\\\s\p{Cc}]*$/u;
const schemePattern = /^[a-z][a-z0-9+.-]*:/i;

const link = z
  .string()
  .refine((url) => pathPattern.test(url) || webAddress.safeParse(url).success, {
    message: 'must be an https address or a path on this host, such as https://news.example/about or /about',
  })
  .meta({ description: 'An https address, or a path on this host' });

const picture = z
  .string()
  .min(1)
  .refine(
    (at) => (at.startsWith('/') ? pathPattern.test(at) : !schemePattern.test(at) || webAddress.safeParse(at).success),
    { message: 'must be an https address, a path on this host, or a file beside the configuration file' },
  )
  .transform((at) => webAddress.safeParse(at).data ?? at)
  .meta({
    description:
      'An https address, a path on this host that starts with /, or a file relative to this configuration file',
  });

/** The schema of `site` in flashwire.config.json. */
export const identity = z.strictObject({
  name: words(nameLimits),
  tagline: words(taglineLimits).optional(),
  logo: z.strictObject({ light: picture, dark: picture.optional() }).optional(),
  colors: z.strictObject({ brand: color.optional(), flash: color.optional() }).prefault({}),
  icon: picture.optional(),
  publisher: z.strictObject({ name: words(nameLimits).optional(), logo: picture.optional() }).optional(),
  links: z
    .array(z.strictObject({ label: words(nameLimits), url: link }))
    .max(20)
    .prefault([]),
  social: z.array(webAddress).max(20).prefault([]),
  image: picture.optional(),
});

export type Identity = z.output<typeof identity>;

/** The words of a site, each with its place in the configuration. */
export function wordsOf({ name, tagline, publisher, links }: Identity) {
  return [
    { path: ['name'], words: name },
    { path: ['tagline'], words: tagline },
    { path: ['publisher', 'name'], words: publisher?.name },
    ...links.map(({ label }, at) => ({ path: ['links', at, 'label'], words: label })),
  ];
}
