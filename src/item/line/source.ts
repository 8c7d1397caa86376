import { comparisonText } from './comparison-text.ts';

export const sourceKinds = ['person', 'organisation'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** Who says what a line says: an agency, an office, a person. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
}

/** A source that the configuration names. */
export interface SiteSource extends Source {
  /** The editions that use it; without them every edition. */
  readonly editions?: readonly string[];
}

/** Equal for two spellings of one name. */
export function sourceKey(name: string): string {
  return comparisonText(name);
}

/** The sources that the configuration names for an edition. */
export function seededSources(sources: readonly SiteSource[], edition: string): readonly Source[] {
  return sources
    .filter(({ editions }) => editions?.includes(edition) ?? true)
    .map(({ name, kind }) => ({ name, kind }));
}
