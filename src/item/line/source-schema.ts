import { z } from 'zod';
import { line } from '../schema.ts';
import { attributionLimits } from '../text.ts';
import { sourceKey, sourceKinds } from './source.ts';

/** The name and kind of a source, for the configuration and the API. */
export const sourceFields = {
  name: line(attributionLimits)
    .refine(
      (name) => !name.includes(': '),
      'must not have a colon with a space behind it, because that ends the source',
    )
    .refine((name) => sourceKey(name) !== '', 'must have a letter or a digit'),
  kind: z.enum(sourceKinds),
};

interface Report {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

/** Refuses a name that another one of the list repeats, in whatever spelling. `isSame`: whether two places of one name collide. */
export function eachOnce<Named extends { readonly name: string }>(
  sources: readonly Named[],
  context: Report,
  path: readonly (string | number)[],
  isSame: (one: Named, other: Named) => boolean = () => true,
): void {
  const seen = new Map<string, Named[]>();
  for (const [at, source] of sources.entries()) {
    const key = sourceKey(source.name);
    const before = seen.get(key) ?? [];
    if (before.some((one) => isSame(one, source)))
      context.addIssue({ code: 'custom', path: [...path, at, 'name'], message: 'stands there twice' });
    seen.set(key, [...before, source]);
  }
}
