import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, inject, test } from 'vitest';
import { connectRedis, whenReady } from '../../../src/ops/redis/redis.ts';
import { until } from '../../resources/flashwire.ts';
import { addressOf } from '../../resources/redis-server.ts';

/** As much of a Sentinel as ioredis needs: who is the primary, and news of a failover. It can keep an answer back. */
async function openSentinel(primary: URL) {
  const listening = new Set<Socket>();
  const waiting: Socket[] = [];
  let holds = false;
  const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
  const answer = `*2\r\n${bulk(primary.hostname)}${bulk(primary.port)}`;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('close', () => listening.delete(socket));
    const take = (command: string) => {
      if (command.includes('get-master-addr-by-name')) {
        if (holds) waiting.push(socket);
        else socket.write(answer);
      } else if (command.includes('subscribe')) {
        socket.write(`>3\r\n${bulk('subscribe')}${bulk('+switch-master')}:1\r\n`);
        listening.add(socket);
      } else if (command.includes('sentinels')) socket.write('*0\r\n');
      else socket.write(command.includes('hello') ? '%1\r\n+proto\r\n:3\r\n' : '+OK\r\n');
    };
    socket.on('data', (bytes) => {
      for (const command of bytes
        .toString()
        .toLowerCase()
        .split(/(?=\*\d+\r\n)/))
        take(command);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    listening,
    waiting,
    hold: () => {
      holds = true;
    },
    release: () => {
      holds = false;
      for (const socket of waiting) socket.write(answer);
    },
    switchMaster: () => {
      for (const socket of listening)
        socket.write(`>3\r\n${bulk('message')}${bulk('+switch-master')}${bulk('flash 127.0.0.1 1 127.0.0.1 2')}`);
    },
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of listening) socket.destroy();
    },
  };
}

test('a failover while a lost connection asks a Sentinel does not end the connection for good', async () => {
  using sentinel = await openSentinel(new URL(inject('redisUrl')));
  const url = `redis-sentinel://127.0.0.1:${sentinel.port}/0#flash`;
  const redis = connectRedis(addressOf(url), 'subscriber', 'test', () => undefined);
  await whenReady(redis);
  await until(() => sentinel.listening.size > 0, 5_000, 'it listens for a failover');
  sentinel.hold();
  redis.stream.destroy();
  await until(() => sentinel.waiting.length > 0, 5_000, 'it asks for the primary');
  sentinel.switchMaster();
  await until(() => sentinel.listening.size === 0, 5_000, 'what listened has heard it or is gone');
  sentinel.release();
  await until(() => redis.status === 'ready', 5_000, 'it is connected again');
  expect(await redis.ping()).toBe('PONG');
  redis.disconnect();
});
