import type { Clock } from '../process/clock.ts';
import { readerTarget } from '../readers/reader-target.ts';
import { postItem } from '../run/poster.ts';
import { startLocalSystem } from '../target/server.ts';
import type { Peer } from './peer.ts';

/** The whole path: POST, queue, log, fan-out. Its CPU is that of the fan-out process. */
export function flashwire(clock: Clock): Peer {
  return {
    name: 'flashwire',
    label: 'Flashwire, from POST to socket',
    hasLog: true,
    missing: () => null,
    async start({ env }) {
      const system = await startLocalSystem({ env, acceptRate: 20_000, isLimited: false, fanoutProcesses: 1 });
      const deps = { apiUrl: system.apiUrl, key: system.key, edition: 'en', expireAfterMs: null, clock };
      const plan = { items: 60, perSecond: null, inFlight: 1 };
      return {
        target: readerTarget(system.feedUrl, 'en', ''),
        pid: system.fanoutPids[0] ?? 0,
        publish: async (index, dueAt) => (await postItem(deps, plan, index, dueAt)).id,
        [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
      };
    },
  };
}
