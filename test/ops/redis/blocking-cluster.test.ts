import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openBlockingCluster } from '../../../src/ops/redis/redis-cluster.ts';
import { until } from '../../resources/flashwire.ts';

/** Enough of a node that has every slot of a cluster. BZPOPMIN waits permanently. */
async function startNode(state: 'ok' | 'fail') {
  const sockets = new Set<Socket>();
  const blocked = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      for (const command of bytes
        .toString()
        .toLowerCase()
        .split(/(?=\*\d+\r\n)/)) {
        if (command.includes('\r\nbzpopmin\r\n')) blocked.add(socket);
        else socket.write(answerTo(command));
      }
    });
  });
  const answerTo = (command: string) => {
    if (command.includes('\r\nslots\r\n'))
      return `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:${port}\r\n$2\r\nid\r\n`;
    if (command.includes('\r\ncluster\r\n')) return `+cluster_state:${state}\r\n`;
    return command.includes('\r\ninfo\r\n') ? '+loading:0\r\n' : '+OK\r\n';
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const redis = openBlockingCluster([{ host: '127.0.0.1', port }], { maxRetriesPerRequest: null });
  return {
    redis,
    blocked,
    [Symbol.dispose]: () => {
      redis.disconnect();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test('a connection that leaves a cluster ends, although a node answers MOVED meanwhile', async () => {
  using node = await startNode('ok');
  const redis = node.redis.duplicate();
  redis.on('error', () => undefined);
  const popped = redis.bzpopmin('{en}:marker', 1).catch((error: Error) => error.message);
  await until(() => node.blocked.size === 1, 5_000, 'the node has the command');
  for (const socket of node.blocked) socket.write('-MOVED 1 127.0.0.1:1\r\n');
  redis.disconnect();
  await once(redis, 'end');
  expect(await popped).toMatch(/closed|available/);
});

test('a connection to a cluster that is not whole is ready, so that what waits for it goes on', async () => {
  using node = await startNode('fail');
  const redis = node.redis.duplicate();
  await once(redis, 'ready');
  redis.disconnect();
  await once(redis, 'end');
});
