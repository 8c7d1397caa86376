import { expect, test } from 'vitest';
import { httpSockets } from '../../src/client/http-sockets.ts';
import { connectFeed } from '../../src/client/index.ts';
import { serveBehindNginx } from '../deploy/behind-nginx.ts';
import { until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

test('four clients on polls behind nginx stay live while nothing happens for longer than a poll waits', async () => {
  const log = new MemoryLog();
  log.publish('a', facets());
  await using server = await serveBehindNginx(log, { beatMs: 20_000 });
  const [, PollSocket] = httpSockets;
  if (!PollSocket) throw new Error('a transport is missing');
  const states: string[] = [];
  const ended = new Set<unknown>();
  class CountedSocket extends PollSocket {
    override addEventListener(type: string, listener: (event: never) => void): void {
      super.addEventListener(type as 'message', (event) => {
        if (event.data === null) ended.add(this);
        listener(event as never);
      });
    }
  }
  const readers = Array.from({ length: 4 }, () =>
    connectFeed({
      url: server.origin,
      edition: 'en',
      WebSocket: CountedSocket,
      signals: () => () => {},
      onItems: () => {},
      onState: ({ type }) => states.push(type),
    }),
  );
  await until(() => states.filter((state) => state === 'live').length === 4, 'all are live');
  // A poll waits 25 s, and a connection that receives nothing for 30 s counts as lost.
  await until(() => ended.size === 4, 'every poll ends without a frame', 29_000);
  expect(readers.map((reader) => reader.stats().reconnects)).toEqual([0, 0, 0, 0]);
  expect(states).not.toContain('offline');
  log.publish('b', facets());
  await until(() => readers.every((reader) => reader.stats().position?.includes(':2:')), 'all have the next item');
  for (const reader of readers) reader.close();
});
