import { z } from 'zod';
import { BenchError } from '../process/bench-error.ts';
import { ReaderSwarm } from '../readers/reader-swarm.ts';
import { readerTargets, type Transport, transports } from '../readers/reader-target.ts';
import { mergeReports, type SwarmReport, words } from '../readers/swarm-report.ts';
import { postItems } from '../run/poster.ts';
import type { Bench } from '../run/scenario.ts';
import { type RunningNginx, startNginx } from '../target/nginx.ts';
import { type ServerProcess, type SystemUnderTest, startLocalSystem } from '../target/server.ts';
import type { Knowledge } from './message.ts';

export const ways = ['nginx', 'direct'] as const;
export type Way = (typeof ways)[number];

export interface FieldOptions {
  readonly way: Way;
  readonly edition: string;
  readonly readers: number;
  readonly 'connect-rate': number;
}

/** Readers of one transport, in a process of their own. */
export interface Crowd {
  readonly transport: Transport;
  readonly swarm: ReaderSwarm;
}

/** A system with all limits as shipped, with nginx in front of two fan-outs or one fan-out alone, and readers that follow it. */
export interface Field extends AsyncDisposable {
  readonly system: SystemUnderTest;
  readonly knowledge: Knowledge;
  /** Where readers and the attacker go. */
  readonly origin: string;
  /** Every way to the pages, by name. */
  readonly origins: Readonly<Record<string, string>>;
  readonly processes: readonly ServerProcess[];
  readonly crowds: readonly Crowd[];
  /** All readers as if they were one swarm. */
  readonly swarm: { readonly readers: number; report(): Promise<SwarmReport> };
}

export async function setField(options: FieldOptions, bench: Bench): Promise<Field> {
  const owned: AsyncDisposable[] = [];
  const own = <T extends AsyncDisposable>(one: T): T => {
    owned.push(one);
    return one;
  };
  const dispose = async () => {
    for (const one of owned.toReversed()) await one[Symbol.asyncDispose]();
  };
  try {
    bench.progress('starting Redis, worker, api and fanout');
    const isBehindNginx = options.way === 'nginx';
    const system = own(
      await startLocalSystem({
        // nginx comes from there, and nobody else does.
        env: { ...bench.env, FLASHWIRE_TRUST_PROXY: '127.0.0.1' },
        acceptRate: null,
        isLimited: true,
        fanoutProcesses: isBehindNginx ? 2 : 1,
      }),
    );
    const knowledge = await seed(system, options.edition, bench);
    const nginx = isBehindNginx ? own(await nginxFor(system)) : null;
    const origin = nginx === null ? system.feedUrl : `http://127.0.0.1:${nginx.port}`;
    const crowds = await Promise.all(
      transports.map(async (transport, i) => {
        const readers = Math.floor((options.readers + i) / transports.length);
        const targets = readerTargets([origin], options.edition, '', 1, transport);
        return { transport, swarm: own(await ReaderSwarm.start({ targets, readers, processes: 1 })) };
      }),
    );
    await connect(crowds, options, bench);
    return {
      system,
      knowledge,
      origin,
      origins: nginx === null ? { directly: origin } : { 'through nginx': origin, directly: system.feedUrl },
      processes: [...system.processes, ...(nginx === null ? [] : [{ name: 'nginx', pid: nginx.pid }])],
      crowds,
      swarm: {
        readers: options.readers,
        report: async () => mergeReports(await Promise.all(crowds.map(({ swarm }) => swarm.report()))),
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function nginxFor({ apiUrl, feedUrls }: SystemUnderTest): Promise<RunningNginx> {
  const portOf = (url: string | undefined) => Number(new URL(url ?? '').port);
  return startNginx({ 'fanout-1': portOf(feedUrls[0]), 'fanout-2': portOf(feedUrls[1]), api: portOf(apiUrl) });
}

async function connect(crowds: readonly Crowd[], options: FieldOptions, bench: Bench): Promise<void> {
  bench.progress(`connecting ${options.readers} readers`);
  for (const { swarm, transport } of crowds) {
    const report = await swarm.connect(options['connect-rate']);
    if (report.open < swarm.readers)
      throw new BenchError(
        `only ${report.open} of ${swarm.readers} readers could connect over ${transport}: ${words(report.refused)}`,
      );
  }
}

/** Fills the log, takes some of it back, and reads what anybody can see. */
async function seed(system: SystemUnderTest, edition: string, bench: Bench): Promise<Knowledge> {
  bench.progress(`posting ${itemsBefore} items`);
  const { apiUrl, feedUrl, key } = system;
  const posted = await postItems(
    { apiUrl, key, edition, expireAfterMs: null, clock: bench.clock },
    { items: itemsBefore, perSecond: null, inFlight: 16, waitSeconds: 10 },
  );
  const ids = posted.map(({ id }) => id);
  const withdrawn = ids.slice(0, itemsWithdrawn);
  for (const id of withdrawn) await retract(apiUrl, key, id);
  return { edition, ...(await positionOf(feedUrl, edition)), shown: ids.slice(itemsWithdrawn), withdrawn };
}

export async function positionOf(feedUrl: string, edition: string): Promise<{ epoch: string; head: number }> {
  const response = await fetch(`${feedUrl}/v1/log/head?edition=${edition}`);
  const { editions } = headsSchema.parse(await response.json());
  const at = editions[edition];
  if (at === undefined) throw new BenchError(`${feedUrl} does not say where the edition "${edition}" stands`);
  return { epoch: at.epoch, head: at.seq };
}

async function retract(apiUrl: string, key: string, id: string): Promise<void> {
  const response = await fetch(`${apiUrl}/v1/items/${id}/retract`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'wait=10' },
    body: JSON.stringify({ reason: 'bench' }),
  });
  if (!response.ok) throw new BenchError(`POST /v1/items/${id}/retract answered ${response.status}`);
}

const headsSchema = z.object({ editions: z.record(z.string(), z.object({ epoch: z.string(), seq: z.number() })) });

/** More than a process holds in memory: the older ones have to be read. */
const itemsBefore = 1_200;
const itemsWithdrawn = 40;
