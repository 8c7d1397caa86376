import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { parseWithFaults } from '../item/fault-text.ts';
import { itemId } from '../item/schema.ts';
import type { Site } from '../item/site.ts';
import { momentOf } from '../item/zoned-time.ts';
import type { DeskLog } from '../log/commands/desk-log.ts';
import type { Audit, AuditEvent, AuditPage } from '../log/trail/audit.ts';
import { queryOf } from '../protocol/query.ts';
import { may, principalOf } from './access/authenticate.ts';
import { readItemsOf } from './audit-items.ts';
import { ProblemError } from './http-problem.ts';

/** A day of a zone, as the ms in which it begins and ends. */
const query = z
  .object({
    before: z.coerce.number().int().positive().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    format: z.enum(['json', 'csv']).default('json'),
    with: z.literal('item', 'must be item').optional(),
    person: z.string().min(1, 'must have 1 to 80 characters').max(80, 'must have 1 to 80 characters').optional(),
    item: itemId.optional(),
    day: z.iso.date('must be a date such as 2026-03-31').optional(),
    zone: z.string().max(64).refine(isTimeZone, 'must be a time zone such as Europe/Madrid').default('UTC'),
  })
  .transform(({ day, zone, before, item, person, ...rest }) => {
    const [from = 0, to = Number.POSITIVE_INFINITY] = day === undefined ? [] : boundsOf(day, zone);
    const end = Math.min(before ?? Number.POSITIVE_INFINITY, to);
    return {
      ...rest,
      ...(person !== undefined && { person }),
      ...(item !== undefined && { itemId: item }),
      ...(day !== undefined && { from }),
      ...(Number.isFinite(end) && { before: end }),
    };
  });

const pageOfExport = 1_000;
const columns = ['at', 'action', 'name', 'keyId', 'edition', 'itemId', 'version', 'detail'] as const;

interface AuditTrailDeps {
  readonly audit: Audit;
  readonly log: Pick<DeskLog, 'item' | 'versions'>;
  readonly site: Site;
}

/**
 * GET /v1/audit: who did what, when and with which key, newest first. A key sees its editions. An admin key for all editions also
 * sees changes of keys, sign-ins and STOP. `format=csv` is the whole trail as a file; `with=item` adds what the desk has of each item.
 */
export function auditTrail({ audit, log, site }: AuditTrailDeps): RequestHandler {
  return async (request, response) => {
    const parsed = parseWithFaults(query, Object.fromEntries(queryOf(request.url)));
    if (!parsed.ok) {
      const faults = parsed.faults.map(({ path, detail }) => ({
        parameter: path.join('.'),
        detail: `${path.join('.')}: ${detail}.`,
      }));
      throw new ProblemError('bad-query', faults.map(({ detail }) => detail).join(' '), faults);
    }
    const principal = principalOf(response);
    const scope = {
      editions: principal.editions ?? site.editions.map(({ id }) => id),
      withSite: may(principal, 'manage') && principal.editions === null,
    };
    const { limit, format, with: extra, before, ...filter } = parsed.value;
    const read = (pageLimit: number, end?: number) =>
      audit.page({ ...scope, ...filter, limit: pageLimit, ...(end !== undefined && { before: end }) });
    if (format === 'json') {
      const { events, next } = await read(limit, before);
      const itemOf = extra === 'item' ? await readItemsOf(log, events) : () => undefined;
      const views = events.map((event) => {
        const item = itemOf(event);
        return { ...eventView(event), ...(item && { item }) };
      });
      response.json({ events: views, ...(next !== undefined && { next }) });
      return;
    }
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="audit.csv"',
    });
    const pages = (end?: number) => read(pageOfExport, end);
    try {
      // Reads a page when the client has taken the previous one, so that a slow client costs the memory of one page.
      await pipeline(Readable.from(rowsOf(pages, before), { objectMode: false }), response);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  };
}

async function* rowsOf(pageFrom: (before?: number) => Promise<AuditPage>, before: number | undefined) {
  yield `${columns.join(',')}\r\n`;
  for (let next = before, isFirst = true; isFirst || next !== undefined; isFirst = false) {
    const page = await pageFrom(next);
    yield page.events.map((event) => `${csvRow(eventView(event))}\r\n`).join('');
    next = page.next;
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

/** The first ms of a day and of the day after it. Redis has no times before 1970. */
function boundsOf(day: string, zone: string): readonly number[] {
  const dayAfter = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  return [day, dayAfter].map((date) => Math.max(1, momentOf(`${date}T00:00`, zone) ?? 1));
}

/** The client closed the connection. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function eventView({ at, ...event }: AuditEvent) {
  return { at: new Date(at).toISOString(), ...event };
}

/** RFC 4180. A quote in front keeps a spreadsheet from running a cell as a formula. */
function csvRow(event: ReturnType<typeof eventView>): string {
  return columns
    .map((column) => {
      const text = String(event[column] ?? '');
      const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
      return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    })
    .join(',');
}
