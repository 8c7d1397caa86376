import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseSite } from '../../src/item/site-schema.ts';
import { desk } from '../../test/resources/flashwire.ts';
import { pureTargets } from './fuzz-pure.ts';
import { Wire, type WireAnswer, type WireCase, wireCases } from './fuzz-wire.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** In all: most of them in this process, `wireShare` of them over HTTP and WebSocket. */
  readonly cases: number;
  readonly apiUrl: string;
  readonly feedUrl: string;
  /** 0.04 unless given. */
  readonly wireShare?: number;
  /** The processes behind the addresses, to see what they hold in memory. */
  readonly pids?: readonly number[];
  onProgress?(done: number, of: number): void;
}

export interface FuzzResult {
  readonly cases: number;
  readonly byTarget: Readonly<Record<string, number>>;
  /** Answers over the wire by status; `none` for a connection that ended or said nothing. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** What was asked, for every answer of 500 or more. */
  readonly fiveHundreds: readonly string[];
  /** Parsers that threw or broke a promise, with the smallest case, and processes that have gone. */
  readonly crashes: readonly string[];
  /** Refusals over the wire that were not problem+json with their own status. */
  readonly malformed: readonly string[];
  /** The most that one of `pids` held, and this process; MB. */
  readonly maxRssMb: number;
  readonly ownMaxRssMb: number;
  readonly tookMs: number;
}

interface Tally {
  readonly byTarget: Record<string, number>;
  readonly byStatus: Record<string, number>;
  readonly fiveHundreds: string[];
  readonly crashes: string[];
  readonly malformed: string[];
  done: number;
  maxRssMb: number;
  ownMaxRssMb: number;
}

const chunk = 1_000;
const atOnce = 12;

/** Throws everything at every parser, then at the processes that run. The same seed is the same cases. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const startedAt = performance.now();
  const tally: Tally = {
    ...{ byTarget: {}, byStatus: {}, fiveHundreds: [], crashes: [], malformed: [] },
    ...{ done: 0, maxRssMb: 0, ownMaxRssMb: 0 },
  };
  const overWire = Math.round(options.cases * (options.wireShare ?? 0.04));
  await fuzzPure(options, options.cases - overWire, tally);
  await fuzzWire(options, overWire, tally);
  const { done, ...rest } = tally;
  return { cases: done, ...rest, tookMs: Math.round(performance.now() - startedAt) };
}

async function fuzzPure(options: FuzzOptions, cases: number, tally: Tally): Promise<void> {
  const targets = pureTargets(parseSite(JSON.parse(readFileSync('flashwire.config.json', 'utf8'))));
  const whole = targets.reduce((sum, { weight }) => sum + weight, 0);
  let left = cases;
  for (const [index, { name, weight, property }] of targets.entries()) {
    const own = index === targets.length - 1 ? left : Math.round((cases * weight) / whole);
    left -= own;
    for (let done = 0; done < own; done += chunk) {
      const numRuns = Math.min(chunk, own - done);
      const details = fc.check(property, { seed: options.seed + done, numRuns });
      count(tally, name, numRuns);
      if (details.failed) {
        tally.crashes.push(
          `${name}: ${details.errorInstance instanceof Error ? details.errorInstance.message : ''} at ${fc.stringify(details.counterexample)} (seed ${details.seed})`,
        );
        break;
      }
      options.onProgress?.(tally.done, options.cases);
      lookAtMemory(options, tally);
      await new Promise((resolve) => setImmediate(resolve)); // somebody may be waiting for this process
    }
  }
}

async function fuzzWire(options: FuzzOptions, cases: number, tally: Tally): Promise<void> {
  const wire = new Wire({ api: options.apiUrl, feed: options.feedUrl });
  try {
    for (let done = 0; done < cases; done += chunk) {
      const asked = fc.sample(wireCases(await anItem(options)), {
        seed: options.seed + done,
        numRuns: Math.min(chunk, cases - done),
      });
      const next = asked.values();
      await Promise.all(
        Array.from({ length: atOnce }, async () => {
          for (const one of next) judge(one, await wire.send(one), tally);
        }),
      );
      lookAtMemory(options, tally);
      options.onProgress?.(tally.done, options.cases);
      await lookForTheDead(options, tally);
    }
  } finally {
    wire.close();
  }
}

/** Something for corrections and retractions to hit. */
async function anItem({ apiUrl }: FuzzOptions): Promise<string> {
  const { body } = await desk(apiUrl, 'POST', '/v1/items', { edition: 'es', headline: 'Fuzz', state: 'draft' });
  return String(body['id']);
}

/** What a busy process puts off by its own rule: rendering, and reading older items. */
const putOff = /^\/(?:live|feeds|v1\/feed\/history)\b/;

function judge(asked: WireCase, { status, body }: WireAnswer, tally: Tally): void {
  count(tally, `${asked.target} (wire)`, 1);
  const name = String(status ?? 'none');
  tally.byStatus[name] = (tally.byStatus[name] ?? 0) + 1;
  const what = `${asked.method} ${asked.path} ${JSON.stringify(asked.body ?? asked.raw?.toString('latin1') ?? asked.headers).slice(0, 600)}`;
  const isPutOff = status === 503 && asked.where === 'feed' && putOff.test(asked.path);
  if (status !== null && status >= 500 && !isPutOff) tally.fiveHundreds.push(`${status} ${what}`);
  if (asked.where === 'api' && asked.path.startsWith('/v1/') && status !== null && status >= 400)
    if (!isProblem(status, body)) tally.malformed.push(`${status} ${what} ${body.slice(0, 200)}`);
}

/** Node's own 400 and 431, before there is a request, have no body. */
function isProblem(status: number, body: string): boolean {
  if (body === '') return status === 400 || status === 431;
  return body.includes('"type":"/problems/') && body.includes(`"status":${status}`);
}

async function lookForTheDead({ apiUrl, feedUrl }: FuzzOptions, tally: Tally): Promise<void> {
  for (const url of [apiUrl, feedUrl]) {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(8_000) }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.status !== 200)
      tally.crashes.push(`${url} answers ${answer?.status ?? 'nothing'} after ${tally.done} cases`);
  }
}

function lookAtMemory({ pids = [] }: FuzzOptions, tally: Tally): void {
  tally.ownMaxRssMb = Math.max(tally.ownMaxRssMb, Math.round(process.memoryUsage.rss() / 1e6));
  for (const pid of pids) {
    const kB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    tally.maxRssMb = Math.max(tally.maxRssMb, Math.round((Number(kB ?? 0) * 1_024) / 1e6));
  }
}

function count(tally: Tally, target: string, cases: number): void {
  tally.byTarget[target] = (tally.byTarget[target] ?? 0) + cases;
  tally.done += cases;
}
