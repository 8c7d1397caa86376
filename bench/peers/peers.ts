import { type Comparison, failedRound, type Round } from '../figures/comparison.ts';
import { machine } from '../figures/machine.ts';
import { BenchError } from '../process/bench-error.ts';
import { OptionError, type OptionTable, type OptionValues } from '../run/option.ts';
import type { Bench } from '../run/scenario.ts';
import { flashwire } from './flashwire.ts';
import { coalescingFloor, floor } from './floor.ts';
import { nats } from './nats.ts';
import { nchan } from './nchan.ts';
import { naiveWs, socketIo } from './node-peers.ts';
import type { Peer } from './peer.ts';
import { type RoundOptions, runRound } from './round.ts';

export const peersOptions = {
  readers: { default: 10_000, min: 1, help: 'readers of each system' },
  rounds: { default: 3, min: 1, help: 'rounds: A B C, A B C, ...; medians are taken over them' },
  only: { default: '', help: 'these systems: floor,floor-coalesce,ws,socket-io,nchan,nats,flashwire' },
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

/** Measures Flashwire beside others, one system at a time, in turns. */
export async function comparePeers(values: OptionValues<typeof peersOptions>, bench: Bench): Promise<Comparison> {
  const all = [floor, coalescingFloor, flashwire(bench.clock), naiveWs, socketIo, nchan, nats];
  const chosen = choose(all, values.only);
  const absent = chosen.flatMap((peer) => (peer.missing() === null ? [] : [`${peer.label}: needs ${peer.missing()}`]));
  const peers = chosen.filter((peer) => peer.missing() === null);
  if (peers.length === 0) throw new BenchError(`none of them can be started here: ${absent.join('; ')}`);
  const options: RoundOptions = {
    readers: values.readers,
    steady: { name: 'steady', items: values.items, perSecond: values.rate, firstIndex: 0 },
    burst: {
      name: 'burst',
      items: values['burst-items'],
      perSecond: values['burst-rate'],
      firstIndex: values.items,
    },
    warmUp: values['warm-up'],
    connectRate: values['connect-rate'],
    processes: values.processes,
  };
  const rounds: Round[] = [];
  for (let round = 1; round <= values.rounds; round++) {
    for (const peer of peers) {
      bench.progress(`round ${round} of ${values.rounds}: ${peer.label}`);
      rounds.push(await roundOf(peer, options, bench));
    }
  }
  const { json: _json, help: _help, only: _only, ...settings } = values;
  return {
    kind: 'comparison',
    at: new Date().toISOString(),
    machine: { ...machine() },
    settings,
    peers: peers.map(({ name, label }) => ({ name, label })),
    absent,
    rounds,
  };
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
  if (only === '') return all;
  return only.split(',').map((name) => {
    const peer = all.find((one) => one.name === name.trim());
    if (peer === undefined)
      throw new OptionError(`--only: no system "${name}": there are ${all.map((one) => one.name).join(', ')}`);
    return peer;
  });
}
