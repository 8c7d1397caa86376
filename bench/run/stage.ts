import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BenchError } from '../process/bench-error.ts';
import { isOk } from '../process/child.ts';
import { kernelSocketBytes, type ProcessSample, sampleProcesses } from '../process/system.ts';
import { ReaderSwarm } from '../readers/reader-swarm.ts';
import { readerTargets, type Transport, transports } from '../readers/reader-target.ts';
import { startOneMachine } from '../target/one-machine.ts';
import { CommandCounter, type CommandUse } from '../target/redis-commands.ts';
import { givenSystem, type SystemUnderTest, startLocalSystem } from '../target/server.ts';
import { OptionError } from './option.ts';
import { postItems } from './poster.ts';
import type { Bench, CommonValues } from './scenario.ts';

/** A system, its readers (not connected yet) and what it did before they came. */
export interface Stage extends AsyncDisposable {
  readonly system: SystemUnderTest;
  readonly swarm: ReaderSwarm;
  readonly counter: CommandCounter | null;
  /** Redis' commands of a system that nobody reads and nobody posts to. */
  readonly idleCommands: CommandUse | null;
  readonly before: Moment;
}

/** What the machine says at one moment. */
export interface Moment {
  readonly at: number;
  /** All processes that serve the readers, together. */
  readonly fanout: ProcessSample | null;
  readonly kernelBytes: number | null;
}

export interface StageOptions extends CommonValues {
  readonly readers: number;
  /** Different filters that the readers are spread over; one when left out. */
  readonly filters?: number;
  /** One `flashwire all`, as npm start runs it, instead of a process for each role. */
  readonly isOneMachine?: boolean;
  /** Items that are posted before the readers come; a snapshot of them when left out. */
  readonly filledItems?: number;
}

/** Starts or finds the system, starts the processes of readers, and looks for two seconds at what an idle system costs. */
export async function setStage(
  values: StageOptions,
  bench: Bench,
  acceptRate: number | null,
  isLimited = false,
): Promise<Stage> {
  const owned: AsyncDisposable[] = [];
  const dispose = async () => {
    for (const one of owned.toReversed()) await one[Symbol.asyncDispose]();
  };
  try {
    bench.progress(values.url === '' ? 'starting Redis, worker, api and fanout' : `measuring ${values.url}`);
    const start = values.isOneMachine === true ? startOneMachine : startLocalSystem;
    const system =
      values.url === ''
        ? await start({ env: bench.env, acceptRate, isLimited, fanoutProcesses: values['fanout-processes'] })
        : await namedSystem(values);
    owned.push(system);
    const targets = readerTargets(
      system.feedUrls,
      values.edition,
      values.query,
      values.filters ?? 1,
      transportOf(values),
    );
    const swarm = await ReaderSwarm.start({ targets, readers: values.readers, processes: values.processes });
    owned.push(swarm);
    const counter = system.redisUrl === null ? null : new CommandCounter(system.redisUrl, bench.clock);
    if (counter !== null) owned.push(counter);
    if (system.givenUrl === null) await fill(system, values, bench);
    bench.progress('looking at the idle system for 2 s');
    const idleCommands = await countIdle(counter);
    return { system, swarm, counter, idleCommands, before: look(system, bench), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

export function transportOf({ transport }: CommonValues): Transport {
  const known = transports.find((one) => one === transport);
  if (known !== undefined) return known;
  throw new OptionError(`--transport: ${transports.join(', ')}, not "${transport}"`);
}

export function look(system: SystemUnderTest, bench: Bench): Moment {
  return {
    at: bench.clock(),
    fanout: sampleProcesses(system.fanoutPids),
    kernelBytes: kernelSocketBytes(),
  };
}

async function namedSystem(values: CommonValues): Promise<SystemUnderTest> {
  const key = values['key-file'] === '' ? values.key : await readKey(values['key-file']);
  if (key === '') throw new OptionError('--url needs --key or --key-file');
  if (!URL.canParse(values.url)) throw new OptionError(`--url: not an address: "${values.url}"`);
  const { origin } = new URL(values.url);
  if (!(await isOk(`${origin}/v1/feed.json?edition=${encodeURIComponent(values.edition)}`)))
    throw new BenchError(`${origin} does not answer with a feed of the edition "${values.edition}"`);
  return givenSystem({
    url: values.url,
    key,
    redisUrl: values.redis === '' ? null : values.redis,
    pid: values.pid === 0 ? null : values.pid,
    metricsUrl: values.metrics === '' ? null : values.metrics,
  });
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new OptionError(`--key-file: ${file} cannot be read`, { cause });
  }
}

/** Readers that join are given a snapshot of the usual size: one of an empty edition would cost less than any site's. */
async function fill(system: SystemUnderTest, values: StageOptions, bench: Bench): Promise<void> {
  const { apiUrl, feedUrls, key } = system;
  const { edition, filledItems: items = snapshotItems } = values;
  await postItems(
    { apiUrl, key, edition, expireAfterMs: null, clock: bench.clock },
    { items, perSecond: null, inFlight: 4 },
  );
  const deadline = bench.clock() + 10_000;
  while ((await fewestShown(feedUrls, edition)) < snapshotItems) {
    if (bench.clock() > deadline)
      throw new BenchError(`${snapshotItems} items were accepted, but the feed does not show them after 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function fewestShown(feedUrls: readonly string[], edition: string): Promise<number> {
  return Math.min(...(await Promise.all(feedUrls.map((url) => itemsShown(url, edition)))));
}

async function itemsShown(feedUrl: string, edition: string): Promise<number> {
  const response = await fetch(`${feedUrl}/v1/feed.json?edition=${encodeURIComponent(edition)}`);
  return feedSchema.parse(await response.json()).items.length;
}

/** As many as a snapshot holds. */
const snapshotItems = 20;
const feedSchema = z.looseObject({ items: z.array(z.unknown()) });

async function countIdle(counter: CommandCounter | null): Promise<CommandUse | null> {
  const stop = await counter?.start();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  return (await stop?.()) ?? null;
}
