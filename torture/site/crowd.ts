import { monotonicClock } from '../../bench/process/clock.ts';
import { ReaderSwarm } from '../../bench/readers/reader-swarm.ts';
import { readerTarget } from '../../bench/readers/reader-target.ts';
import { type SwarmReport, times, total } from '../../bench/readers/swarm-report.ts';
import { postItems } from '../../bench/run/poster.ts';
import { faultsOf, reachOf } from '../../bench/run/reach.ts';
import { startNginx } from '../../bench/target/nginx.ts';
import { startFlashwire, testKey } from '../../test/resources/flashwire.ts';
import { startRedis } from '../../test/resources/redis-server.ts';
import { ResourceStack } from '../../test/resources/resource-stack.ts';
import { pause } from '../fuzz/random.ts';
import { durable } from './one-redis-site.ts';

export interface CrowdOptions {
  readonly readers: number;
  /** The built program. */
  readonly program: string;
}

export interface CrowdResult {
  readonly readers: number;
  /** Readers that lost their connection with the process. */
  readonly cut: number;
  /** The reconnect window that the server had announced, ms. */
  readonly windowMs: number;
  /** ms from the kill until the last of them had heard that it was cut off: an end of thousands of sockets takes the kernel time. */
  readonly cutMs: number;
  /** ms from the kill until every reader was back with all that had been posted until then. */
  readonly consistentMs: number;
  readonly items: number;
  readonly resumed: number;
  readonly snapshots: number;
  /** Whatever no reader may ever see, in words; and a crowd that was late. */
  readonly violations: readonly string[];
}

/** Where readers, proxy and fan-outs share two cores, a joiner costs all of them: fewer a second than shipped, and a longer window. */
const acceptRate = '1000';
const items = 12;
const perSecond = 1;
const clock = monotonicClock();

/** A fan-out is killed under a crowd of readers behind nginx, while lines go out. */
export async function killUnderCrowd({ readers, program }: CrowdOptions): Promise<CrowdResult> {
  await using stack = new ResourceStack();
  const redis = stack.use(await startRedis(durable));
  const start = (role: string) =>
    startFlashwire(
      role,
      {
        REDIS_URL: redis.url,
        FLASHWIRE_TRUST_PROXY: '1',
        FLASHWIRE_POST_RATE: '100000',
        FLASHWIRE_ACCEPT_RATE: acceptRate,
      },
      20_000,
      { program },
    );
  const [, api, lost, ...left] = await Promise.all(
    ['worker', 'api', 'fanout', 'fanout', 'fanout'].map(async (role) => stack.use(await start(role))),
  );
  if (!(api && lost)) throw new Error('a role is missing');
  const portOf = ({ url }: { readonly url: string }) => Number(new URL(url).port);
  const fanouts = [lost, ...left].map((fanout, at) => [`fanout-${at + 1}`, portOf(fanout)] as const);
  const nginx = stack.use(await startNginx({ api: portOf(api), ...Object.fromEntries(fanouts) }));
  const target = readerTarget(`http://127.0.0.1:${nginx.port}`, 'en', '');
  const swarm = stack.use(await ReaderSwarm.start({ targets: [target], readers, processes: 0 }));
  await swarm.connect(1_000);
  const deps = { apiUrl: api.url, key: testKey, edition: 'en', expireAfterMs: null, clock };
  await postItems(deps, { items: 3, perSecond, inFlight: 1 });
  const before = await whenAll(swarm, (report) => report.open === readers && hasAll(report, 3, readers));
  const posting = postItems(deps, { items, perSecond, inFlight: 1 });
  await pause(1_000);
  lost.child.kill('SIGKILL');
  const killedAt = clock();
  let [cut, cutAt] = [0, killedAt];
  const after = await whenAll(swarm, (report) => {
    const lost = total(report.dropped) - total(before.dropped);
    if (lost > cut) [cut, cutAt] = [lost, clock()];
    return report.open === readers && hasAll(report, 3 + items, readers);
  });
  const posted = await posting;
  const reaches = reachOf(posted, after, 0);
  // A reader that reconnects gets all missed items at once. So the last delivery of an item from
  // the first half of the window is the time at which the last reader was back.
  const missed = posted.flatMap(({ dueAt }, at) =>
    dueAt < killedAt + before.windowMs / 2 ? dueAt + (reaches[at]?.lastMs ?? 0) : [],
  );
  const consistentMs = Math.round(Math.max(...missed) - killedAt);
  const cutMs = Math.round(cutAt - killedAt);
  return {
    readers,
    cut,
    cutMs,
    windowMs: before.windowMs,
    consistentMs,
    items: posted.length,
    resumed: rise(before, after, 'resumed'),
    snapshots: rise(before, after, 'snapshot'),
    violations: [
      ...faultsOf(after, reaches, readers),
      ...(consistentMs > cutMs + before.windowMs + 1_000
        ? [
            `consistent after ${consistentMs} ms, the last was cut off after ${cutMs} ms, the window was ${before.windowMs} ms`,
          ]
        : []),
    ],
  };
}

const patienceMs = 60_000;

/** The report for which it holds; the last one, whatever it says, when a minute is over. */
async function whenAll(swarm: ReaderSwarm, holds: (report: SwarmReport) => boolean): Promise<SwarmReport> {
  const bound = clock() + patienceMs;
  for (;;) {
    const report = await swarm.report();
    if (holds(report) || clock() > bound) return report;
    await pause(100);
  }
}

function hasAll({ sightings }: SwarmReport, entries: number, readers: number): boolean {
  return sightings.filter(({ count }) => count >= readers).length >= entries;
}

function rise(before: SwarmReport, after: SwarmReport, type: string): number {
  return times(after.frames, type) - times(before.frames, type);
}
