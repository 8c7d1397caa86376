import { Agent, request } from 'node:http';
import { request as requestSecure, Agent as SecureAgent } from 'node:https';
import { z } from 'zod';
import { BenchError } from '../process/bench-error.ts';
import type { Clock } from '../process/clock.ts';
import { dueLink } from '../readers/due-link.ts';

/** An item that the bench has posted. Times are of the shared monotonic clock. */
export interface Posted {
  readonly id: string;
  /** When it was due: a late POST counts its lateness (no coordinated omission). */
  readonly dueAt: number;
  readonly answeredAt: number;
  /** When it was appended, by Redis' clock, in the middle of that ms; where somebody asked. */
  readonly appendedAt?: number;
  /** Whether the answer came once it was in the log; see PostPlan.waitSeconds. */
  readonly isInLog?: boolean;
}

export interface PostPlan {
  readonly items: number;
  /** Items a second, on a schedule that does not wait for answers; null: as fast as `inFlight` requests at a time go through. */
  readonly perSecond: number | null;
  readonly inFlight: number;
  /** About that many bytes of JSON an item; left out: as long as an item is that has no article yet. */
  readonly itemBytes?: number;
  /** Answers come once the item is in the log, or after that time. */
  readonly waitSeconds?: number;
  /** On a schedule: asked before each item, ends the posting when it says so. */
  isEnough?(): boolean;
}

export interface PosterDeps {
  readonly apiUrl: string;
  readonly key: string;
  readonly edition: string;
  /** After that the items leave by themselves: set on a system that lives on. */
  readonly expireAfterMs: number | null;
  readonly clock: Clock;
}

/** Posts all items of a plan; rejects on the first that is not accepted. */
export function postItems(deps: PosterDeps, plan: PostPlan): Promise<readonly Posted[]> {
  return plan.perSecond === null ? postFast(deps, plan) : postOnSchedule(deps, plan, plan.perSecond);
}

function postOnSchedule(deps: PosterDeps, plan: PostPlan, perSecond: number): Promise<readonly Posted[]> {
  return onSchedule(plan, perSecond, deps.clock, (index, dueAt) => postItem(deps, plan, index, dueAt));
}

/** Calls `post` at the times of an open-loop schedule, whether or not the calls before have ended. Rejects if one of them does. */
export async function onSchedule(
  { items, isEnough }: Pick<PostPlan, 'items' | 'isEnough'>,
  perSecond: number,
  clock: Clock,
  post: (index: number, dueAt: number) => Promise<Posted>,
): Promise<readonly Posted[]> {
  const start = clock();
  const posts: Promise<Posted>[] = [];
  for (let i = 0; i < items && isEnough?.() !== true; i++) {
    const dueAt = start + (i * 1_000) / perSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - clock())));
    const posting = post(i, dueAt);
    // Heard at the end, with all of them; this only says that a rejection meanwhile is not forgotten.
    posting.catch(() => undefined);
    posts.push(posting);
  }
  return Promise.all(posts);
}

async function postFast(deps: PosterDeps, plan: PostPlan): Promise<readonly Posted[]> {
  const posted: Posted[] = [];
  let next = 0;
  const lane = async () => {
    while (next < plan.items) posted.push(await postItem(deps, plan, next++, deps.clock()));
  };
  await Promise.all(Array.from({ length: plan.inFlight }, lane));
  return posted;
}

/** Posts item `index` (0, 1, ...) of a plan. */
export async function postItem(deps: PosterDeps, plan: PostPlan, index: number, dueAt: number): Promise<Posted> {
  const { status, text } = await send(deps, plan, JSON.stringify(itemBody(deps, plan, index, dueAt)));
  if (status >= 300) throw new BenchError(`POST /v1/items answered ${status}: ${text.slice(0, 300)}`);
  const answeredAt = deps.clock();
  const { id, seq } = acceptedSchema.parse(JSON.parse(text));
  return { id, dueAt, answeredAt, isInLog: seq !== undefined };
}

async function send(
  deps: PosterDeps,
  plan: PostPlan,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = {
    authorization: `Bearer ${deps.key}`,
    'content-type': 'application/json',
    ...(plan.waitSeconds !== undefined && { prefer: `wait=${plan.waitSeconds}` }),
  };
  try {
    return await post(new URL('/v1/items', deps.apiUrl), headers, body);
  } catch (cause) {
    throw new BenchError(`POST ${deps.apiUrl}/v1/items: no answer`, { cause });
  }
}

/** With node:http, which costs the caller less than fetch does: its time counts as the system's. */
function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  const isSecure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, agent: isSecure ? secureAgent : plainAgent };
    const sent = (isSecure ? requestSecure : request)(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

const plainAgent = new Agent({ keepAlive: true });
const secureAgent = new SecureAgent({ keepAlive: true });

const acceptedSchema = z.looseObject({ id: z.string(), seq: z.number().optional() });

export function itemBody(
  deps: Pick<PosterDeps, 'edition' | 'expireAfterMs'>,
  plan: Pick<PostPlan, 'items' | 'itemBytes'>,
  index: number,
  dueAt: number,
): object {
  return {
    edition: deps.edition,
    headline: `Load test line ${index + 1} of ${plan.items}: the ferry to the northern islands sails again after three days`,
    attribution: 'Bench',
    urgency: 'update',
    sections: ['miscellaneous'],
    url: plan.itemBytes === undefined ? dueLink(dueAt) : articleUrl(plan.itemBytes),
    ...(deps.expireAfterMs !== null && { expiresAt: new Date(Date.now() + deps.expireAfterMs).toISOString() }),
  };
}

/** An item without an address is about 470 bytes as a reader gets it; an address has at most 2,048. */
function articleUrl(itemBytes: number): string {
  const start = 'https://news.example.org/load-test/';
  return start.padEnd(Math.min(2_048, Math.max(start.length + 1, itemBytes - 480)), 'x');
}
