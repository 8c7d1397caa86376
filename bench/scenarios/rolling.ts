import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Figure, figure, type Measurement, percentile } from '../figures/figure.ts';
import { BenchError } from '../process/bench-error.ts';
import { projectFolder } from '../process/project.ts';
import { ReaderSwarm } from '../readers/reader-swarm.ts';
import { readerTarget } from '../readers/reader-target.ts';
import { type SwarmReport, times, total } from '../readers/swarm-report.ts';
import { settle } from '../run/delivery.ts';
import { OptionError } from '../run/option.ts';
import { itemBody, onSchedule, type Posted } from '../run/poster.ts';
import { faultsOf, lostOf, type Reach } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Fleet, type Place, startFleet } from '../target/fleet.ts';
import { JoinRate } from '../target/join-rate.ts';

/** docs/maintenance.md, "Upgrade and roll back", under readers. */
export const rolling = defineScenario({
  name: 'rolling',
  summary: 'A site behind nginx goes to this version and back, one process at a time, while items go out to N readers.',
  options: {
    from: { default: '', help: 'project folder of the other version, built; the site starts with it' },
    readers: { default: 15_000, min: 1, help: 'readers' },
    fanouts: { default: 3, min: 2, help: 'fan-outs' },
    rate: { default: 2, min: 0.1, help: 'items a second' },
    'accept-rate': { default: 1_000, min: 1, help: 'new readers a second that each fan-out takes' },
    'nginx-workers': { default: 4, min: 1, help: 'worker processes of nginx' },
  },
  run: measureRolling,
});

type RollingValues = CommonValues & {
  readonly from: string;
  readonly readers: number;
  readonly fanouts: number;
  readonly rate: number;
  readonly 'accept-rate': number;
  readonly 'nginx-workers': number;
};

/** The site goes to one version. */
interface Leg {
  readonly run: string;
  readonly posted: readonly Accepted[];
  readonly reaches: readonly Reach[];
  readonly before: SwarmReport;
  readonly after: SwarmReport;
  /** For each reader, the longest that an entry took from its append. */
  readonly latenessMs: readonly number[];
  readonly peakJoins: number;
  readonly seconds: number;
}

interface Site {
  readonly fleet: Fleet;
  readonly swarm: ReaderSwarm;
}

async function measureRolling(values: RollingValues, bench: Bench): Promise<Measurement> {
  if (values.from === '') throw new OptionError('--from: the project folder of the other version, built');
  const [old, own] = [resolve(values.from), projectFolder()];
  bench.progress(`starting Redis, nginx and the fleet of ${old}`);
  await using fleet = await startFleet({
    env: bench.env,
    folder: old,
    fanouts: values.fanouts,
    acceptRate: values['accept-rate'],
    nginxWorkers: values['nginx-workers'],
  });
  const { readers, processes, edition } = values;
  await using swarm = await ReaderSwarm.start({
    targets: [readerTarget(fleet.url, edition, values.query)],
    readers,
    processes,
  });
  const site = { fleet, swarm };
  bench.progress(`connecting ${readers} readers`);
  const { open } = await swarm.connect(Math.min(values['connect-rate'], values['accept-rate']));
  if (open < readers) throw new BenchError(`only ${open} of ${readers} readers could connect`);
  await fleet.loadUsers(own);
  const legs = [
    await roll(site, 'to this version', fleet.places, own, values, bench),
    await roll(site, 'back', fleet.places.toReversed(), old, values, bench),
  ];
  return {
    settings: {
      readers,
      fanouts: values.fanouts,
      rate: values.rate,
      processes: swarm.processes,
      'accept-rate': values['accept-rate'],
      'nginx-workers': values['nginx-workers'],
    },
    figures: legs.flatMap((leg) => figuresOf(leg, readers)),
    details: {},
    warnings: [],
    faults: legs.flatMap((leg) => faultsIn(leg, readers, values['accept-rate'])),
  };
}

/** Replaces one process after the other, and waits each time until it is ready and all readers are connected. */
async function roll(
  site: Site,
  run: string,
  places: readonly Place[],
  folder: string,
  values: RollingValues,
  bench: Bench,
): Promise<Leg> {
  const { fleet, swarm } = site;
  const start = bench.clock();
  const before = await swarm.report();
  await swarm.takeLateness();
  using joins = new JoinRate(fleet.places, bench.clock);
  let isOver = false;
  const posting = onSchedule(
    { items: Number.POSITIVE_INFINITY, isEnough: () => isOver },
    values.rate,
    bench.clock,
    (index, dueAt) => postUntilAccepted(fleet, values.edition, index, dueAt, bench),
  );
  posting.catch(() => undefined); // heard below
  await pause(aroundMs);
  for (const place of places) {
    bench.progress(`${run}: ${place.name}`);
    await fleet.replace(place, folder);
    if (place.role === 'fanout') await allBack(swarm, bench);
  }
  await pause(aroundMs);
  isOver = true;
  const posted = (await posting) as readonly Accepted[];
  const { report: after, reaches } = await settle({ swarm }, posted, bench);
  const seconds = (bench.clock() - start) / 1_000;
  return {
    run,
    posted,
    reaches,
    before,
    after,
    latenessMs: await swarm.takeLateness(),
    peakJoins: joins.peak,
    seconds,
  };
}

const aroundMs = 2_000;
const allBackWithinMs = 120_000;

async function allBack(swarm: ReaderSwarm, bench: Bench): Promise<void> {
  const deadline = bench.clock() + allBackWithinMs;
  for (;;) {
    const { open, gaveUp } = await swarm.report();
    if (open + gaveUp >= swarm.readers) return;
    if (bench.clock() > deadline) throw new BenchError(`only ${open} of ${swarm.readers} readers came back`);
    await pause(250);
  }
}

interface Accepted extends Posted {
  readonly attempts: number;
}

const acceptedSchema = z.looseObject({ id: z.string() });
const againAfterMs = 200;
const mostAttempts = 50;

/** As a desk does: whoever gets no answer, 502 or 503 asks again with the same Idempotency-Key. */
async function postUntilAccepted(
  { url, key }: Fleet,
  edition: string,
  index: number,
  dueAt: number,
  bench: Bench,
): Promise<Accepted> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
  const body = JSON.stringify(itemBody({ edition, expireAfterMs: null }, { items: index + 1 }, index, dueAt));
  let last = 'no answer';
  for (let attempts = 1; attempts <= mostAttempts; attempts++) {
    const answer = await fetch(`${url}/v1/items`, { method: 'POST', headers, body }).catch(() => null);
    const text = (await answer?.text().catch(() => '')) ?? '';
    if (answer?.ok && text !== '')
      return { id: acceptedSchema.parse(JSON.parse(text)).id, dueAt, answeredAt: bench.clock(), attempts };
    last = answer ? `${answer.status} ${text.slice(0, 200)}` : 'no answer';
    if (answer && answer.status >= 400 && answer.status < 500) break;
    await pause(againAfterMs);
  }
  throw new BenchError(`POST /v1/items: ${last}`);
}

function figuresOf(leg: Leg, readers: number): readonly Figure[] {
  const { run, posted, reaches, before, after, latenessMs } = leg;
  const rise = (type: string) => times(after.frames, type) - times(before.frames, type);
  const moved = total(after.dropped) - total(before.dropped);
  const answerMs = posted.map(({ dueAt, answeredAt }) => answeredAt - dueAt);
  return [
    figure('seconds', 'all processes replaced in', leg.seconds, 's'),
    figure('items', 'items posted meanwhile', posted.length),
    figure(
      'deliveries',
      'deliveries',
      reaches.reduce((sum, reach) => sum + reach.readers, 0),
    ),
    figure('lost', 'lost', lostOf(reaches, readers)),
    figure('doubled', 'doubled', times(after.faults, 'duplicate') - times(before.faults, 'duplicate')),
    figure('gaps', 'gaps', times(after.faults, 'gap') - times(before.faults, 'gap')),
    figure('moved', 'readers that had to reconnect', moved),
    figure('resumed', 'resumed', rise('resumed')),
    figure('snapshots', 'given a snapshot', rise('snapshot')),
    figure('joins_peak', 'most joins of one fan-out within a second', leg.peakJoins, 'per second'),
    figure('late_p50', 'longest delivery gap of a reader (append to reader), p50', percentile(latenessMs, 0.5), 'ms'),
    figure('late_p99', 'longest delivery gap of a reader, p99', percentile(latenessMs, 0.99), 'ms'),
    figure('late_max', 'longest delivery gap of a reader, max', percentile(latenessMs, 1), 'ms'),
    figure('post_p50', 'POST until accepted, p50', percentile(answerMs, 0.5), 'ms'),
    figure('post_max', 'POST until accepted, max', percentile(answerMs, 1), 'ms'),
    figure('post_again', 'POSTs that were sent again', posted.filter(({ attempts }) => attempts > 1).length),
  ].map((one) => ({ ...one, run }));
}

/** A bucket holds a quarter of a second's joins: so many more may come within a second. */
const burst = 1.25;

function faultsIn({ run, reaches, before, after, peakJoins }: Leg, readers: number, rate: number): readonly string[] {
  const snapshots = times(after.frames, 'snapshot') - times(before.frames, 'snapshot');
  return [
    ...faultsOf(after, reaches, readers),
    ...(snapshots > 0 ? [`given a snapshot instead of what they missed: ${snapshots} readers`] : []),
    ...(peakJoins > rate * burst ? [`${Math.round(peakJoins)} joins within a second, allowed are ${rate}`] : []),
  ].map((fault) => `${run}: ${fault}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
