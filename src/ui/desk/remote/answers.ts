import { urgencies } from '../../../item/item.ts';
import type { Template } from '../../../item/line/template.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { isCount, isRecord } from '../../../protocol/item-parse.ts';
import { parseReach, type Reach } from './desk-item.ts';

export interface FieldError {
  /** JSON pointer into the request body. */
  readonly pointer: string;
  readonly detail: string;
}

/** A problem that the API reported, or a missing answer. */
export interface Problem {
  /** 0: no answer. It is unknown whether the request was accepted; a retry with the same Idempotency-Key finds out. */
  readonly status: number;
  /** Such as `/problems/flash-fuse`; empty: no answer, or the refusal of a proxy. */
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
}

/** No answer of the API. The error page of a proxy is none: the request may have reached the API before. */
export const noAnswer: Problem = { status: 0, type: '', title: '', detail: '', errors: [] };

/** Whether the request may have been accepted although it failed. A 503 of the API is a refusal. */
export function isOutcomeUnknown({ status }: Problem): boolean {
  return status === 0 || (status >= 500 && status !== 503);
}

/** The edition had many flashes in the last minute: nothing was accepted, and a confirmation sends this one as well. */
export function isFlashFuse(problem: Problem | null): boolean {
  return problem?.type === '/problems/flash-fuse';
}

export interface SignedIn {
  readonly keyId: string;
  readonly name: string;
  readonly role: string;
  /** What the role may do; others than `publish` and `manage` are of a later version. */
  readonly may: readonly string[];
  /** Null: every edition. */
  readonly editions: readonly string[] | null;
  /** Editions that need a key: the page does not name them. */
  readonly keyEditions: readonly SiteEdition[];
}

/** The state of a command in the API's answer. */
export interface Standing {
  readonly id: string;
  readonly state: string;
  readonly version: number | null;
}

/** Who pulled the stop switch, and when. */
export interface Stopped {
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface DeskStatus {
  /** Connections open now, by edition. */
  readonly readers: Readonly<Record<string, number>>;
  /** ms since every process has proven delivery; null: at least one process has not. */
  readonly provenAgoMs: number | null;
  readonly stopped: Stopped | null;
  /** What accepted commands rest on; null: not known, or an older server. */
  readonly durability: Durability | null;
}

const durabilities = ['replicated', 'single', 'weak', 'stated'] as const;
export type Durability = (typeof durabilities)[number];

export interface Delivery {
  /** Newest entry first. */
  readonly proofs: readonly Reach[];
  /** What browsers report about the newest version; null: no report. */
  readonly painted: { readonly samples: number; readonly halfWithinMs: number } | null;
}

export function parseSession(value: unknown): SignedIn {
  const { keyId, name, role, may, editions, keyEditions } = isRecord(value) ? value : {};
  return {
    keyId: textOf(keyId),
    name: textOf(name),
    role: textOf(role),
    may: Array.isArray(may) ? may.filter((right) => typeof right === 'string') : [],
    editions: Array.isArray(editions) ? editions.filter((edition) => typeof edition === 'string') : null,
    keyEditions: Array.isArray(keyEditions) ? keyEditions.filter(isRecord).map(editionOf) : [],
  };
}

function editionOf({
  id,
  name,
  language,
  dir,
  timeZone,
  numerals,
  notice,
  flashesPerMinute,
  templates,
}: Readonly<Record<string, unknown>>): SiteEdition {
  return {
    id: textOf(id),
    name: textOf(name),
    language: textOf(language),
    dir: dir === 'rtl' ? 'rtl' : 'ltr',
    timeZone: textOf(timeZone),
    numerals: textOf(numerals),
    access: 'key',
    ...(typeof notice === 'string' && { notice }),
    ...(isCount(flashesPerMinute) && { flashesPerMinute }),
    ...(Array.isArray(templates) && { templates: templates.filter(isRecord).map(templateOf) }),
  };
}

function templateOf({ name, text, urgency }: Readonly<Record<string, unknown>>): Template {
  const known = urgencies.find((one) => one === urgency);
  return { name: textOf(name), text: textOf(text), ...(known && { urgency: known }) };
}

export function parseStopped(value: unknown): Stopped | null {
  if (!isRecord(value) || value['stopped'] !== true) return null;
  return { by: textOf(value['by']), at: textOf(value['at']) };
}

export function parseStatus(value: unknown): DeskStatus {
  const { readers, provenAgoMs, stop, durability } = isRecord(value) ? value : {};
  const counts = Object.entries(isRecord(readers) ? readers : {}).flatMap(([edition, count]) =>
    isCount(count) ? [[edition, count] as const] : [],
  );
  return {
    readers: Object.fromEntries(counts),
    provenAgoMs: typeof provenAgoMs === 'number' ? provenAgoMs : null,
    stopped: parseStopped(stop),
    durability: durabilities.find((one) => one === durability) ?? null,
  };
}

export function parseDelivery(value: unknown): Delivery {
  const { proofs, estimate } = isRecord(value) ? value : {};
  const painted = isRecord(estimate) && Array.isArray(estimate['painted']) ? estimate['painted'][0] : null;
  const half = isRecord(painted) && isRecord(painted['delayMs']) ? painted['delayMs']['p50'] : null;
  const samples = isRecord(painted) && isCount(painted['samples']) ? painted['samples'] : 0;
  return {
    proofs: Array.isArray(proofs) ? proofs.flatMap((proof) => parseReach(proof) ?? []) : [],
    painted: samples > 0 && typeof half === 'number' ? { samples, halfWithinMs: half } : null,
  };
}

export function parseStanding(value: unknown): Standing {
  const { id, state, version } = isRecord(value) ? value : {};
  return { id: textOf(id), state: textOf(state), version: isCount(version) ? version : null };
}

export function parseProblem(status: number, value: unknown): Problem {
  const { type, title, detail, errors } = isRecord(value) ? value : {};
  if (status >= 500 && !textOf(type).startsWith('/problems/')) return noAnswer;
  return {
    status,
    type: textOf(type),
    title: typeof title === 'string' ? title : `The server answered ${status}.`,
    detail: textOf(detail),
    errors: Array.isArray(errors) ? errors.flatMap(parseFieldError) : [],
  };
}

function parseFieldError(value: unknown): readonly FieldError[] {
  if (!isRecord(value) || typeof value['detail'] !== 'string') return [];
  return [{ pointer: textOf(value['pointer']), detail: value['detail'] }];
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // A proxy's page: only the status counts.
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
