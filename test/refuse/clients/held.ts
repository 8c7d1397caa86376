import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Running } from '../../resources/flashwire.ts';

/** The environment of a process whose memory `heldMb` reads. */
export const inspected = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** The heap and buffers of a process after a full garbage collection, MB. */
export async function heldMb({ output }: Running): Promise<number> {
  const url = /Debugger listening on (ws:\S+)/.exec(output.join('\n'))?.[1];
  if (url === undefined) throw new Error('start the process with the environment `inspected`');
  const inspector = new WebSocket(url);
  try {
    await once(inspector, 'open');
    await ask(inspector, 'HeapProfiler.collectGarbage');
    const { usedSize = 0, backingStorageSize = 0 } = await ask(inspector, 'Runtime.getHeapUsage');
    return (usedSize + backingStorageSize) / 1e6;
  } finally {
    inspector.terminate();
  }
}

async function ask(inspector: WebSocket, method: string): Promise<Readonly<Record<string, number>>> {
  inspector.send(JSON.stringify({ id: 1, method }));
  const [answer] = (await once(inspector, 'message')) as [Buffer];
  return (JSON.parse(answer.toString()) as { result: Record<string, number> }).result;
}
