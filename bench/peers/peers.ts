import { type Comparison, comparisonSchema, failedRound, type Round } from '../figures/comparison.ts';
import { machine } from '../figures/machine.ts';
import { BenchError } from '../process/bench-error.ts';
import { OptionError, type OptionTable, type OptionValues } from '../run/option.ts';
import type { Bench } from '../run/scenario.ts';
import { readStored, writeStored } from '../run/stored.ts';
import { TimeLeft } from '../run/time-left.ts';
import { centrifugo } from './centrifugo.ts';
import { flashwire, flashwireBehindProxies, flashwireWithoutNative } from './flashwire.ts';
import { coalescingFloor, floor, uringFloor } from './floor.ts';
import { mercure } from './mercure.ts';
import { nats } from './nats.ts';
import { nchan } from './nchan.ts';
import { naiveWs, socketIo } from './node-peers.ts';
import type { Peer } from './peer.ts';
import { type RoundOptions, runRound } from './round.ts';
import { sockudo } from './sockudo.ts';
import { uWebSockets } from './uwebsockets.ts';

export const peersOptions = {
  readers: {
    default: 10_000,
    min: 1,
    help: 'readers of each system; a proxy has two files open for each, so with --tls no more than 9,000 under a limit of 20,000',
  },
  rounds: { default: 3, min: 1, help: 'rounds: A B C, A B C, ...; medians are taken over them' },
  only: { default: '', help: 'these systems, by name: floor,ws,...; --help lists them' },
  tls: {
    default: false,
    help: 'readers come over TLS: to nginx and Caddy in front of Flashwire, to the others directly',
  },
  file: {
    default: '',
    help: 'keep every round in this file as it ends; if the file is there already, go on with the rounds that it lacks',
  },
  items: { default: 30, min: 1, help: 'items of the steady part' },
  rate: { default: 3, min: 0.01, help: 'items a second of the steady part' },
  'burst-items': { default: 60, min: 1, help: 'items of the burst' },
  'burst-rate': { default: 200, min: 1, help: 'items a second of the burst' },
  'warm-up': { default: 300, min: 1, help: 'messages before the readers come, so that all code is compiled' },
  processes: { default: 1, min: 1, help: 'processes of readers' },
  'connect-rate': { default: 2_000, min: 1, help: 'new readers a second' },
  json: { default: false, help: 'print the result as JSON' },
  html: { default: '', help: 'write the result to this file as a page with plots' },
  help: { default: false, help: 'print this' },
} satisfies OptionTable;

export type PeersValues = OptionValues<typeof peersOptions>;

/** All that can take part, whether they are installed or not. */
export function allPeers(bench: Pick<Bench, 'clock'>): readonly Peer[] {
  const own = [flashwire(bench.clock), flashwireWithoutNative(bench.clock), ...flashwireBehindProxies(bench.clock)];
  return [
    floor,
    coalescingFloor,
    uringFloor,
    ...own,
    naiveWs,
    socketIo,
    uWebSockets,
    nchan,
    nats,
    centrifugo,
    mercure,
    sockudo,
  ];
}

/** Measures Flashwire beside others, one system at a time, in turns. */
export async function comparePeers(values: PeersValues, bench: Bench): Promise<Comparison> {
  const { peers, absent } = lineUp(allPeers(bench), values);
  if (peers.length === 0) throw new BenchError(`none of them can be started here: ${absent.join('; ')}`);
  const options = roundOptions(values);
  const empty = emptyComparison(values, peers, absent);
  const kept = values.file === '' ? null : readStored(values.file, comparisonSchema);
  let comparison = kept === null ? empty : continued(empty, kept, values.file);
  const steps = missingRounds(comparison, peers, values.rounds);
  const timeLeft = new TimeLeft(
    steps.map(({ peer }) => ({ name: peer.name, expectedMs: expectedMs(options) })),
    bench.clock,
  );
  for (const { peer, round } of steps) {
    bench.progress(`round ${round} of ${values.rounds}: ${peer.label}`, timeLeft.ms);
    comparison = { ...comparison, rounds: [...comparison.rounds, await roundOf(peer, options, bench)] };
    timeLeft.next();
    if (values.file !== '') writeStored(values.file, comparison);
  }
  return comparison;
}

/** The chosen systems that can take part, and why the others cannot. */
export function lineUp(
  all: readonly Peer[],
  { only, tls }: { readonly only: string; readonly tls: boolean },
): { readonly peers: readonly Peer[]; readonly absent: readonly string[] } {
  const chosen = choose(all, only);
  const whyNot = (peer: Peer): string | null => {
    if (peer.ways === 'tls' && !tls) return only === '' ? '' : 'takes part with --tls';
    // Flashwire itself stands behind a proxy then.
    if (peer.ways === 'plain' && tls) return peer.name === 'flashwire' && only === '' ? '' : 'has no TLS of its own';
    const missing = peer.missing();
    return missing === null ? null : `needs ${missing}`;
  };
  const reasons = new Map(chosen.map((peer) => [peer, whyNot(peer)]));
  return {
    peers: chosen.filter((peer) => reasons.get(peer) === null),
    absent: chosen.flatMap((peer) => (reasons.get(peer) ? [`${peer.label}: ${reasons.get(peer)}`] : [])),
  };
}

function roundOptions(values: PeersValues): RoundOptions {
  // With 30 items: most of what V8 compiles for the first items to readers is compiled by then.
  const before = Math.ceil(values.items / 3);
  const [perSecond, after] = [values.rate, before + values.items];
  return {
    readers: values.readers,
    settling: { name: 'settling', items: before, perSecond, firstIndex: 0 },
    steady: { name: 'steady', items: values.items, perSecond, firstIndex: before },
    burst: { name: 'burst', items: values['burst-items'], perSecond: values['burst-rate'], firstIndex: after },
    warmUp: values['warm-up'],
    connectRate: values['connect-rate'],
    processes: values.processes,
    isSecure: values.tls,
  };
}

function emptyComparison(values: PeersValues, peers: readonly Peer[], absent: readonly string[]): Comparison {
  const { json: _json, html: _html, help: _help, only: _only, file: _file, tls, ...settings } = values;
  return {
    kind: 'comparison',
    at: new Date().toISOString(),
    machine: { ...machine() },
    settings: tls ? { ...settings, tls } : settings,
    peers: peers.map(({ name, label, version }) => ({ name, label: `${label} ${version?.() ?? ''}`.trim() })),
    absent: [...absent],
    rounds: [],
  };
}

/** What was kept, to go on with. Throws a BenchError when it was measured otherwise: medians over both would mean nothing. */
export function continued(empty: Comparison, kept: Comparison, file: string): Comparison {
  const conditions = ({ settings: { rounds: _rounds, ...settings }, machine }: Comparison) =>
    JSON.stringify([Object.entries(settings).toSorted(), machine['cpu'], machine['commit'], machine['node']]);
  if (conditions(empty) !== conditions(kept))
    throw new BenchError(
      `${file} was measured with other settings, another commit or on another machine: name another file`,
    );
  const known = new Set(kept.peers.map(({ name }) => name));
  return {
    ...kept,
    settings: empty.settings,
    peers: [...kept.peers, ...empty.peers.filter(({ name }) => !known.has(name))],
    absent: empty.absent,
  };
}

function missingRounds({ rounds }: Comparison, peers: readonly Peer[], wanted: number) {
  const done = (peer: Peer) => rounds.filter((round) => round.peer === peer.name).length;
  return Array.from({ length: wanted }, (_, i) => i + 1).flatMap((round) =>
    peers.filter((peer) => done(peer) < round).map((peer) => ({ peer, round })),
  );
}

/** Joining and the workloads; the rest is starting, stopping and waiting. */
function expectedMs({ readers, connectRate, settling, steady, burst }: RoundOptions): number {
  const sending = [settling, steady, burst].reduce((sum, { items, perSecond }) => sum + items / perSecond, 0);
  const seconds = readers / connectRate + sending;
  return seconds * 1_000 + 8_000;
}

/** One system that fails takes only its own round with it: the others may have been measured for a quarter of an hour. */
async function roundOf(peer: Peer, options: RoundOptions, bench: Bench): Promise<Round> {
  try {
    return await runRound(peer, options, bench);
  } catch (error) {
    return failedRound(peer.name, error instanceof Error ? error.message : String(error));
  }
}

function choose(all: readonly Peer[], only: string): readonly Peer[] {
  if (only === '') return all.filter((peer) => !peer.isByNameOnly);
  return only.split(',').map((name) => {
    const peer = all.find((one) => one.name === name.trim());
    if (peer === undefined)
      throw new OptionError(`--only: no system "${name}": there are ${all.map((one) => one.name).join(', ')}`);
    return peer;
  });
}
