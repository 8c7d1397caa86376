import type { Facets } from '../item/item.ts';
import type { FieldSet } from '../item/more.ts';

/** A filter of one edition. Values of one facet are alternatives, facets must all match, and an empty list matches everything. */
export interface Filter {
  readonly edition: string;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  readonly urgencies: readonly string[];
  /** Absent for the default fields. No part of what matches, but of the feed: its frames differ. */
  readonly fields?: Exclude<FieldSet, 'default'>;
}

/** A pure function of an entry's facets. Null facets (an item that is not shown) never match. */
export function matches(filter: Filter, facets: Facets | null): boolean {
  return (
    facets !== null &&
    overlaps(filter.sections, facets.sections) &&
    overlaps(filter.regions, facets.regions) &&
    overlaps(filter.topics, facets.topics) &&
    (filter.urgencies.length === 0 || filter.urgencies.includes(facets.urgency))
  );
}

function overlaps(wanted: readonly string[], had: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((value) => had.includes(value));
}

/** The same string for filters with the same items and fields: sorted, without duplicates. Readers with one key share a feed. */
export function filterKey(filter: Filter): string {
  const part = (values: readonly string[]) => [...new Set(values)].sort().map(encodeURIComponent).join(',');
  return [
    encodeURIComponent(filter.edition),
    part(filter.sections),
    part(filter.regions),
    part(filter.topics),
    part(filter.urgencies),
    ...(filter.fields === undefined ? [] : [filter.fields]),
  ].join('|');
}
