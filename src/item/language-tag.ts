import { z } from 'zod';

/** The length that RFC 5646 (4.4.1) asks implementations to allow. A tag is in every frame of its item, so no more. */
const longest = 35;

/** A BCP 47 tag in canonical form: `pt-br` becomes `pt-BR`, because tags ignore case. */
export const languageTag = z
  .string()
  .meta({ description: 'A BCP 47 language tag, such as pt-BR' })
  .transform((raw, context) => {
    const tag = raw.length <= longest ? canonical(raw) : null;
    if (tag !== null) return tag;
    context.addIssue({
      code: 'custom',
      message: 'must be a BCP 47 language tag of at most 35 characters, such as pt-BR',
      input: undefined,
    });
    return z.NEVER;
  });

function canonical(raw: string): string | null {
  try {
    return Intl.getCanonicalLocales(raw)[0] ?? null;
  } catch {
    return null; // a RangeError: not a tag
  }
}
