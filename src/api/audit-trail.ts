import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { parseWithFaults } from '../item/fault-text.ts';
import type { Site } from '../item/site.ts';
import type { Audit, AuditEvent, AuditPage } from '../log/trail/audit.ts';
import { queryOf } from '../protocol/query.ts';
import { principalOf } from './access/authenticate.ts';
import { ProblemError } from './http-problem.ts';

const query = z.object({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  format: z.enum(['json', 'csv']).default('json'),
});

const pageOfExport = 1_000;
const columns = ['at', 'action', 'name', 'keyId', 'edition', 'itemId', 'version', 'detail'] as const;

/**
 * GET /v1/audit: who did what, when and with which key, newest first. A key sees its editions. An admin key for all editions also
 * sees changes of keys, sign-ins and STOP. `format=csv` is the whole trail as a file.
 */
export function auditTrail({ audit, site }: { readonly audit: Audit; readonly site: Site }): RequestHandler {
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
      withSite: principal.role === 'admin' && principal.editions === null,
    };
    const { before, limit, format } = parsed.value;
    if (format === 'json') {
      const page = await audit.page({ ...scope, limit, ...(before !== undefined && { before }) });
      response.json({ ...page, events: page.events.map(eventView) });
      return;
    }
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="flashwire-audit.csv"',
    });
    const pages = (from?: number) =>
      audit.page({ ...scope, limit: pageOfExport, ...(from !== undefined && { before: from }) });
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
