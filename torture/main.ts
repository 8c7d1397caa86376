import { randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readVersion } from '../src/wiring/site-file.ts';
import { breakages, brokenProgram } from './breakage.ts';
import { shortfallsOf } from './checker/shortfall.ts';
import { crowdSentence, fuzzSentence, tableOf } from './checker/table.ts';
import { clusterFaults } from './faults/cluster-faults.ts';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults/faults.ts';
import { sentinelFaults } from './faults/sentinel-faults.ts';
import { type FuzzResult, fuzz } from './fuzz/fuzz.ts';
import { HostSite } from './hosts/host-site.ts';
import { cuts } from './hosts/links.ts';
import { runInOwnNamespaces, whyNoHosts } from './hosts/own-namespaces.ts';
import { torture } from './run.ts';
import { ClusterSite } from './site/cluster-site.ts';
import { killUnderCrowd } from './site/crowd.ts';
import { OneRedisSite } from './site/one-redis-site.ts';
import type { Scene } from './site/scene.ts';
import { SentinelSite } from './site/sentinel-site.ts';
import { programIn as build } from './site/site.ts';

const usage = `usage: npm run torture -- [--seed N] [--short] [--json] [--cluster|--hosts|--sentinel] [--fault <name>]... [--from <folder>] [--break <guarantee>|all] [--crowd N] [--fuzz N]

Injects every fault into real processes and checks the guarantees in the recorded history. Then kills a fan-out under a crowd of
readers and sends odd input to every parser. Exits with 1 on any violation, and if the desk or a client does not recover.
  --seed N       the same posts, moments and odd input again (what the machine does in between is its own)
  --cluster      on a Redis Cluster, with the faults of its nodes, without crowd and odd input
  --hosts        needs root: each process on a host of its own (a network namespace), behind nginx, with replicas and Sentinels. Cuts every
                 link between two hosts silently, one way and both, for 5 s (--short) and 60 s, without crowd and odd input
  --short        the faults that matter most, each as short as it can be, without crowd and odd input
  --fault NAME   only this one, without crowd and odd input; may be given more than once
  --from FOLDER  another version, built: the fault "upgrade" rolls the site back to it, role by role, and forward again
  --sentinel     on a primary with two replicas and three Sentinels, with the faults of the primary, for each FLASHWIRE_DURABILITY
  --break NAME   runs a copy of the build with one guarantee taken out, to see the checker find it; all: one after the other.
                 ${Object.keys(breakages).join(', ')}
  --crowd N      readers under which a fan-out is killed (10000; 0: none)
  --fuzz N       pieces of odd input (100000; 0: none)
  --json         the whole result on stdout`;

const say = (line: string) => process.stderr.write(`${line}\n`);
const values = readOptions();

const isWhole = !values.short && !values.cluster && !values.hosts && values.fault.length === 0;

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.version) {
    console.log(readVersion());
    return 0;
  }
  const whyNot = values.hosts ? whyNoHosts() : null;
  if (whyNot !== null) throw new Error(whyNot);
  if (values.hosts && !values.inside) return await runInOwnNamespaces(['--inside']);
  const seed = numberOf('seed', randomInt(1_000_000));
  const readers = numberOf('crowd', isWhole ? 10_000 : 0);
  const cases = numberOf('fuzz', isWhole ? 100_000 : 0);
  if (values.break !== undefined) return breakThem(values.break, seed);
  if (values.sentinel) return loseTheirPrimary(seed);
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-torture-'));
  const { verdict, rows } = await liveThrough(seed, folder);
  if (readers > 0) say(`a fan-out is killed under ${readers} readers`);
  const crowd = readers === 0 ? null : await killUnderCrowd({ readers, program: build });
  if (cases > 0) say(`${cases} pieces of odd input`);
  const odd = cases === 0 ? null : await throwOddInput(seed, cases);
  if (values.json) console.log(JSON.stringify({ seed, rows, crowd, odd, violations: verdict.violations }, null, 2));
  else {
    console.log(tableOf(rows));
    if (crowd) console.log(`\n${crowdSentence(crowd)}`);
    if (odd) console.log(`\n${fuzzSentence(odd)}`);
  }
  const failures = [
    ...verdict.violations.map(({ fault, kind, what }) => `${kind} in "${fault}": ${what}`),
    ...rows.flatMap(shortfallsOf),
    ...(crowd?.violations ?? []).map((what) => `the crowd: ${what}`),
    ...(odd ? [...odd.fiveHundreds, ...odd.crashes, ...odd.malformed] : []).map((what) => `odd input: ${what}`),
  ];
  for (const failure of failures.slice(0, 40)) say(failure);
  const accepted = rows.reduce((sum, row) => sum + row.accepted, 0);
  say(`seed ${seed}: ${rows.length} faults, ${accepted} accepted, ${failures.length} violations`);
  return failures.length === 0 ? 0 : 1;
}

/** Three Redis servers with Sentinels: what is lost and how long it takes, with either meaning of a 2xx. */
async function loseTheirPrimary(seed: number): Promise<number> {
  let failed = 0;
  for (const durability of ['replicated', 'local'] as const) {
    const folder = mkdtempSync(join(tmpdir(), 'flashwire-torture-'));
    const lived = chosen(sentinelFaults(durability));
    const { verdict, rows } = await live(seed, lived, () => SentinelSite.open(build, durability), false, folder);
    console.log(`FLASHWIRE_DURABILITY=${durability}\n${tableOf(rows)}\n`);
    const failures = [
      ...verdict.violations.map(({ fault, kind, what }) => `${kind} in "${fault}": ${what}`),
      ...rows.flatMap(shortfallsOf),
    ];
    for (const failure of failures.slice(0, 40)) say(failure);
    failed += failures.length;
  }
  say(`seed ${seed}: ${failed} violations`);
  return failed === 0 ? 0 : 1;
}

function liveThrough(seed: number, folder: string) {
  if (values.hosts) return live(seed, chosen(cuts), () => HostSite.open(build), values.short, folder);
  if (values.cluster) return live(seed, chosen(clusterFaults), () => ClusterSite.open(build), values.short, folder);
  return live(seed, chosen(faults), () => OneRedisSite.open(build), values.short, folder);
}

function live<Kind extends Scene>(
  seed: number,
  lived: readonly Fault<Kind>[],
  open: () => Promise<Kind>,
  isShort: boolean,
  folder: string,
) {
  const file = join(folder, 'history.ndjson');
  say(`flashwire torture: seed ${seed}, history in ${file}`);
  return torture({
    seed,
    isShort,
    faults: lived,
    file,
    open,
    perSecond: values.hosts ? 5 : 20,
    otherFolder: values.from === undefined ? null : resolve(values.from),
    onFault: (row) => say(`${row.fault}: ${row.skipped ?? `settled after ${row.settleMs ?? 'never'} ms`}`),
  });
}

/** Whether the checker finds each guarantee missing; 1 if one is not missed. */
async function breakThem(name: string, seed: number): Promise<number> {
  let unseen = 0;
  for (const guarantee of name === 'all' ? Object.keys(breakages) : [name]) {
    const folder = mkdtempSync(join(tmpdir(), 'flashwire-torture-broken-'));
    const program = brokenProgram(guarantee, folder);
    const breakage = breakages[guarantee];
    const lived = faults.filter((fault) => breakage?.faults.includes(fault.name));
    const { violations } = (await live(seed, lived, () => OneRedisSite.open(program), true, folder)).verdict;
    const found = violations.filter(({ kind }) => kind === breakage?.kind);
    console.log(
      `without ${guarantee}: ${found.length} x ${breakage?.kind}, for example ${found[0]?.what ?? 'none: not caught'}`,
    );
    if (found.length === 0) unseen++;
  }
  return unseen === 0 ? 0 : 1;
}

/** On a site of its own: what it publishes has no place in the history. */
async function throwOddInput(seed: number, cases: number): Promise<FuzzResult> {
  await using site = await OneRedisSite.open(build);
  // Awaited here: the site ends with this block.
  return await fuzz({
    seed,
    cases,
    apiUrl: site.apiUrl,
    feedUrl: `http://127.0.0.1:${site.fanoutPorts[0]}`,
    pids: [site.pid('api'), site.pid('fanout-1')],
  });
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string' },
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        cluster: { type: 'boolean', default: false },
        hosts: { type: 'boolean', default: false },
        inside: { type: 'boolean', default: false },
        sentinel: { type: 'boolean', default: false },
        fault: { type: 'string', multiple: true, default: [] },
        from: { type: 'string' },
        break: { type: 'string' },
        crowd: { type: 'string' },
        fuzz: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    say(`flashwire torture: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    return process.exit(2);
  }
}

function chosen<Kind extends Scene>(all: readonly Fault<Kind>[]): readonly Fault<Kind>[] {
  const unknown = values.fault.find((name) => !all.some((fault) => fault.name === name));
  if (unknown !== undefined)
    throw new Error(`no fault is called "${unknown}"; there are: ${all.map(({ name }) => name).join(', ')}`);
  if (values.fault.length > 0) return all.filter(({ name }) => values.fault.includes(name));
  return values.short ? all.filter(({ isShort }) => isShort) : all;
}

function numberOf(name: 'seed' | 'crowd' | 'fuzz', fallback: number): number {
  const given = values[name];
  const number = given === undefined ? fallback : Number(given.trim() || Number.NaN);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new Error(`--${name}: ${JSON.stringify(given)} is not a whole number of at least 0`);
  return number;
}

try {
  process.exit(await main());
} catch (error) {
  say(`flashwire torture: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(2);
}
