import { once } from 'node:events';
import { WebSocket } from 'ws';
import { testKey } from '../../test/resources/flashwire.ts';
import type { Strike } from '../faults/fault.ts';
import { pause } from '../fuzz/random.ts';

const readersAtOnce = 5;

/** Readers come to every fan-out with a position that was never given out, and go again as soon as they are welcome. */
export async function comeAhead({ site, history }: Pick<Strike, 'site' | 'history'>): Promise<void> {
  const epoch = await site.direct.hget('fw:{en}:meta', 'epoch');
  const come = async (port: number, nth: number) => {
    const reader = `ahead-${port}-${nth}`;
    const at = history.now();
    history.add({ e: 'opened', at, reader, transport: 'websocket', section: null });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/feed?edition=en&since=${epoch}:99999999`);
    await once(socket, 'message');
    socket.terminate();
    history.add({ e: 'closed', at: history.now(), reader });
  };
  const all = site.fanoutPorts.flatMap((port) => Array.from({ length: readersAtOnce }, (_, nth) => come(port, nth)));
  await Promise.all(all);
}

/** A process calls with one account that adds up to nothing, and goes again. Its call is one all the same. */
export async function misreport({ site, history }: Pick<Strike, 'site' | 'history'>): Promise<void> {
  const process = 'torture-odd';
  const account = { edition: 'en', seq: 1, itemId: 'odd', version: 1, at: Date.now(), what: 'new' };
  const counts = { targeted: -2, written: 0, caughtUp: 0, left: 0, resumed: 0, latency: [], maxMs: 0 };
  const self = { process, startedAt: Date.now(), readers: { en: 3 }, canary: null, isReady: true, painted: [] };
  const call = JSON.stringify({ ...self, deliveries: [{ ...account, ...counts }] });
  let isKnown = false;
  for (let times = 0; times < 20 && !isKnown; times++) {
    await site.direct.publish('fw:rollcall', call);
    await pause(100);
    isKnown = await knows(site.apiUrl, process);
  }
  history.add({ e: 'called', at: history.now(), process, isKnown });
  await site.direct.publish('fw:rollcall', JSON.stringify({ process, leaving: true }));
}

async function knows(apiUrl: string, process: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${testKey}` };
  const answer = await fetch(`${apiUrl}/v1/status`, { headers }).catch(() => null);
  return answer?.ok === true && JSON.stringify(await answer.json()).includes(`"${process}"`);
}
