import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { FakeFeed, type FakeReader } from './fake-feed.ts';

/** The position, items and state of a client. Items are `<id>@<version>`, with the status of a tombstone. */
export interface Standing {
  readonly position: string | null;
  readonly items: readonly string[];
  readonly state: string;
}

type Expected = Partial<Standing>;

export type Action = 'apply' | 'ignore' | 'reconnect' | 'schedule';

export type Policy = 'never' | 'back-off' | 'window' | 'lost';

export type Step =
  | { readonly connect: string | null }
  | ({ readonly receive: object | string; readonly action: Action } & Expected)
  | ({ readonly close: number; readonly policy: Policy } & Expected);

export interface Vector {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A client under test, connected to a server that plays a vector. */
export interface VectorClient extends AsyncDisposable {
  standing(): Standing;
  /** The action for the last frame, on a connection that it keeps. */
  handled(): 'apply' | 'ignore' | 'schedule';
  /** Advances its clock to its next connection. */
  reconnect(): void;
}

const folder = 'docs/vectors';

/** Every conformance vector, by the name of its file. */
export const vectorFiles: readonly { readonly file: string; readonly vectors: readonly Vector[] }[] = readdirSync(
  folder,
)
  .filter((name) => name.endsWith('.json'))
  .map((file) => ({ file, vectors: JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as readonly Vector[] }));

/** Plays the server of a vector, and compares the client with it after every step. */
export async function play(vector: Vector, start: (url: string) => VectorClient): Promise<void> {
  await using feed = await FakeFeed.start();
  await using client = start(feed.url);
  let peer: FakeReader | null = null;
  let connections = 0;
  let expected: Standing = { position: null, items: [], state: 'connecting' };
  for (const [at, step] of vector.steps.entries()) {
    const where = `${vector.name}, step ${at + 1}`;
    if ('connect' in step) {
      if (connections > 0) client.reconnect();
      peer = await feed.reader(connections++);
      expect(peer.query.get('since'), where).toBe(step.connect);
      continue;
    }
    if (!peer) throw new Error(`${where}: no client is connected`);
    const { position = expected.position, items = expected.items, state = expected.state } = step;
    expected = { position, items, state };
    if ('receive' in step) {
      peer.send(step.receive);
      expect((await isOpenAfter(peer)) ? client.handled() : 'reconnect', where).toBe(step.action);
    } else if (step.close === 1006) peer.socket.terminate();
    else peer.socket.close(step.close);
    await expect.poll(() => client.standing(), { message: where, timeout: 5_000, interval: 2 }).toEqual(expected);
  }
}

/** A pong comes once the client has handled all that was sent before the ping. */
async function isOpenAfter({ socket }: FakeReader): Promise<boolean> {
  const abort = new AbortController();
  socket.ping();
  const pong = once(socket, 'pong', { signal: abort.signal }).then(() => true);
  const close = once(socket, 'close', { signal: abort.signal }).then(() => false);
  try {
    return await Promise.race([pong, close]);
  } finally {
    abort.abort();
    await Promise.allSettled([pong, close]);
  }
}

export function listed(items: readonly { readonly id: string; readonly version: number; readonly status: string }[]) {
  return items.map(({ id, version, status }) => `${id}@${version}${status === 'usable' ? '' : ` ${status}`}`);
}
