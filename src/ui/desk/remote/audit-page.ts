import { type ItemState, itemStates } from '../../../item/lifecycle.ts';
import { isCount, isRecord } from '../../../protocol/item-parse.ts';

export interface AuditEvent {
  /** RFC 3339. */
  readonly at: string;
  readonly action: string;
  readonly name: string;
  readonly edition: string;
  readonly itemId: string;
  readonly version: number | null;
  readonly detail: string;
  /** What the desk has of the item now; null: nothing any more. */
  readonly item: AuditedItem | null;
}

export interface AuditedItem {
  readonly state: ItemState | null;
  readonly hasPublicPage: boolean;
  /** The line as it stood after the event; null: it is erased. */
  readonly line: { readonly text: string; readonly language: string; readonly dir: 'ltr' | 'rtl' } | null;
}

export interface AuditPage {
  readonly events: readonly AuditEvent[];
  /** The `before` of the next page, ms. */
  readonly next: number | null;
}

/** An empty text filters nothing. */
export interface AuditFilter {
  readonly person: string;
  /** Such as 2026-03-31, in the zone of the browser. */
  readonly day: string;
  readonly item: string;
}

const names = ['person', 'day', 'item'] as const satisfies readonly (keyof AuditFilter)[];

/** The filter in the address of the audit page, `#audit?person=..`. */
export function filterIn(query: string): AuditFilter {
  const read = new URLSearchParams(query);
  return { person: read.get('person') ?? '', day: read.get('day') ?? '', item: read.get('item') ?? '' };
}

export function hashOf(filter: Partial<AuditFilter>): string {
  const query = queryOf(filter).toString();
  return query === '' ? '#audit' : `#audit?${query}`;
}

/** The query of GET /v1/audit. */
export function auditQuery(filter: AuditFilter, extra: Readonly<Record<string, string>>): string {
  const zone = filter.day === '' ? {} : { zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  const { before, ...first } = extra;
  const query = { ...first, ...Object.fromEntries(queryOf(filter)), ...zone, ...(before !== undefined && { before }) };
  return new URLSearchParams(query).toString();
}

function queryOf(filter: Partial<AuditFilter>): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of names) if (filter[name]) query.set(name, filter[name]);
  return query;
}

export function parseAudit(value: unknown): AuditPage {
  const { events, next } = isRecord(value) ? value : {};
  return {
    events: Array.isArray(events) ? events.filter(isRecord).map(parseEvent) : [],
    next: typeof next === 'number' ? next : null,
  };
}

function parseEvent({ at, action, name, edition, itemId, version, detail, item }: Readonly<Record<string, unknown>>) {
  return {
    at: textOf(at),
    action: textOf(action),
    name: textOf(name),
    edition: textOf(edition),
    itemId: textOf(itemId),
    version: isCount(version) ? version : null,
    detail: textOf(detail),
    item: isRecord(item) ? parseAuditedItem(item) : null,
  };
}

function parseAuditedItem({ state, publishedVersion, body }: Readonly<Record<string, unknown>>): AuditedItem {
  return {
    state: itemStates.find((known) => known === state) ?? null,
    hasPublicPage: isCount(publishedVersion),
    line: isRecord(body) && typeof body['headline'] === 'string' ? lineIn(body, body['headline']) : null,
  };
}

function lineIn({ attribution, language, dir }: Readonly<Record<string, unknown>>, headline: string) {
  return {
    text: typeof attribution === 'string' ? `${attribution}: ${headline}` : headline,
    language: textOf(language),
    dir: dir === 'rtl' ? ('rtl' as const) : ('ltr' as const),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
