import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { FeedSocketConstructor } from '../../src/client/connection.ts';
import { httpSockets } from '../../src/client/http-sockets.ts';
import { connectFeed, type PublicItem, type ReceivedFrame } from '../../src/client/index.ts';
import { ways } from '../deploy/behind-nginx.ts';
import { filters, steps, take } from '../fanout/lifecycle.ts';
import { type FanoutServer, frameWays, serveFanout, until } from '../resources/fanout-server.ts';
import { MemoryLog } from '../resources/memory-log.ts';

const [events, polls] = httpSockets;
if (!events || !polls) throw new Error('a transport is missing');
const transports: readonly FeedSocketConstructor[] = [WebSocket, events, polls];

const otherWays = frameWays.filter(([, serve]) => serve !== serveFanout);

/** One SDK client on one transport, and everything it has received. */
function follow({ origin }: FanoutServer, socket: FeedSocketConstructor, sections: readonly string[], since?: string) {
  const seen = { items: [] as readonly PublicItem[], frames: [] as ReceivedFrame[] };
  const handle = connectFeed({
    url: origin,
    edition: 'en',
    filter: { sections },
    limit: 50,
    keep: 1_000,
    WebSocket: socket,
    signals: () => () => {},
    ...(since !== undefined && { since }),
    onItems: (items) => {
      seen.items = items;
    },
    onFrame: (frame) => seen.frames.push(frame),
  });
  return { seen, close: () => handle.close() };
}

describe.each([...ways, ...otherWays])('invariants 5 and 9 over every transport %s', (_name, serve) => {
  test('TR-1: a transport brings each entry once and in order, the same list as the others, and no hidden text', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(...filters), async (taken, filter) => {
        const log = new MemoryLog();
        await using server = await serve(log, { beatMs: 200 });
        const readers = transports.map((socket) => follow(server, socket, filter.sections));
        const late = [];
        try {
          for (const { seen } of readers) await until(() => seen.frames.length > 0, 'a first snapshot');
          for (const [index, step] of taken.entries()) {
            take(log, step);
            // Sometimes one entry at a time, sometimes several for one write.
            if (index % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          const { sections } = filter;
          const replica = () =>
            server.fanout.view.snapshot({ ...filter, regions: [], topics: [], urgencies: [] }, 1_000);
          const isSame = (items: readonly PublicItem[]) => isDeepStrictEqual(items, replica()?.items ?? []);
          for (const { seen } of readers) await until(() => isSame(seen.items), 'the list of the replica');
          for (const { seen } of readers) {
            const seqs = seen.frames.flatMap((frame) =>
              frame.type === 'item' || frame.type === 'removal' ? frame.seq : [],
            );
            expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
          }
          late.push(...transports.map((socket) => follow(server, socket, sections, 'epochone:0')));
          for (const { seen } of late)
            await until(() => seen.frames.length > 0 && isSame(seen.items), 'the same, late');
          const received = JSON.stringify(late.map(({ seen }) => seen.frames));
          for (const gone of log.hiddenHeadlines) expect(received).not.toContain(`"${gone}"`);
        } finally {
          for (const reader of [...readers, ...late]) reader.close();
        }
      }),
      { numRuns: serve === serveFanout ? 50 : 6 }, // behind nginx each run starts one
    );
  });
});
