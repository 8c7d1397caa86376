import { mkdirSync } from 'node:fs';
import type { Host } from '../../bench/process/host.ts';
import { run } from './own-namespaces.ts';

const hostNames = [
  ...['api', 'worker', 'fanout-1', 'fanout-2', 'fanout-3', 'balancer'],
  ...['redis-1', 'redis-2', 'redis-3', 'sentinel-1', 'sentinel-2', 'sentinel-3'],
] as const;

/** A host; `clients` is this program, with desk and readers. */
export type HostName = (typeof hostNames)[number] | 'clients';

const addressOf = (name: HostName) => `10.77.0.${name === 'clients' ? 1 : 11 + hostNames.indexOf(name)}`;

/** No host has it, so what is sent there is lost without an error. */
const nowhere = '02:00:00:00:00:01';

/** One network namespace for each host, on a bridge. */
export class Network {
  /** Whose packets to whom are lost. */
  #cut: (readonly [from: HostName, to: HostName])[] = [];

  constructor() {
    run('ip', ['link', 'add', 'bridge', 'type', 'bridge']);
    run('ip', ['addr', 'add', `${addressOf('clients')}/24`, 'dev', 'bridge']);
    run('ip', ['link', 'set', 'bridge', 'up']);
    mkdirSync('/run/netns');
    for (const name of hostNames) {
      const lines = [
        `netns add ${name}`,
        `link add ${name} type veth peer name eth0 netns ${name}`,
        `link set ${name} master bridge up`,
      ];
      run('ip', ['-batch', '-'], lines.join('\n'));
      const inside = [`link set lo up`, `addr add ${addressOf(name)}/24 dev eth0`, 'link set eth0 up'];
      run('ip', ['-n', name, '-batch', '-'], inside.join('\n'));
    }
  }

  host(name: HostName): Host {
    return { address: addressOf(name), within: name === 'clients' ? [] : ['nsenter', `--net=/run/netns/${name}`] };
  }

  /** From now on what these send to those is lost silently; the opposite direction works. */
  cut(from: readonly HostName[], to: readonly HostName[]): void {
    const cut = from.flatMap((one) => to.map((other) => [one, other] as const));
    this.#cut.push(...cut);
    for (const [one, other] of cut) neighbour('replace', one, `${addressOf(other)} lladdr ${nowhere} nud permanent`);
  }

  heal(): void {
    for (const [one, other] of this.#cut) neighbour('del', one, addressOf(other));
    this.#cut = [];
  }
}

function neighbour(what: 'replace' | 'del', at: HostName, entry: string): void {
  const [namespace, device] = at === 'clients' ? [[], 'bridge'] : [['-n', at], 'eth0'];
  run('ip', [...namespace, 'neigh', what, ...entry.split(' '), 'dev', device]);
}
