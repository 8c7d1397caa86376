import type { EventOf } from '../checker/history.ts';
import { pause } from '../fuzz/random.ts';

const boundMs = 5_000;

interface Snapshot {
  readonly epoch: string;
  readonly seq: number;
  readonly more: boolean;
  readonly items: readonly { readonly id: string; readonly version: number; readonly place: number }[];
}

/** What a fan-out shows to somebody who comes for the first time, once it is at the head, or at the end of its time. */
export async function endOfNewcomer(fanout: string, head: number, at: number): Promise<EventOf<'ended'>> {
  const until = performance.now() + boundMs;
  let snapshot = await ask(fanout);
  while (snapshot?.seq !== head && performance.now() < until) {
    await pause(50);
    snapshot = await ask(fanout);
  }
  const { epoch, seq, more, items }: Snapshot = snapshot ?? { epoch: '', seq: 0, more: true, items: [] };
  return {
    e: 'ended',
    at,
    reader: `newcomer at ${fanout}`,
    section: null,
    isLive: snapshot !== null,
    epoch,
    seq,
    floor: more ? (items.at(-1)?.place ?? 0) : 0,
    shown: items.map((item) => `${item.id} ${item.version}`),
  };
}

async function ask(fanout: string): Promise<Snapshot | null> {
  const url = `http://${fanout}/v1/feed.json?edition=en&limit=50`;
  const response = await fetch(url, { signal: AbortSignal.timeout(boundMs) }).catch(() => null);
  return response?.ok ? ((await response.json()) as Snapshot) : null;
}
