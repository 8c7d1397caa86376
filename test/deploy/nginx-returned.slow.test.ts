import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../bench/process/free-port.ts';
import { startNginx } from '../../bench/target/nginx.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

/** Takes every WebSocket and keeps it open. */
async function takeReaders(port: number): Promise<{ readonly server: Server; readonly readers: Set<unknown> }> {
  const readers = new Set<unknown>();
  const server = createServer().on('upgrade', (_, socket: Socket) => {
    readers.add(socket);
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, readers };
}

test('a fan-out that is back takes readers at once, although every request of a reader lasts', async () => {
  await using stack = new ResourceStack();
  const [left, returning] = [await freePort(), await freePort()];
  const one = await takeReaders(left);
  stack.defer(async () => void one.server.close());
  const nginx = stack.use(await startNginx({ 'fanout-1': left, 'fanout-2': returning, api: left }, '', 1));
  const join = async () => {
    const socket = connect(nginx.port, '127.0.0.1');
    stack.defer(async () => void socket.destroy());
    socket.write('GET /v1/feed?edition=en HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 101/);
  };
  for (let n = 0; n < 6; n++) await join();
  expect(one.readers.size).toBe(6);
  const other = await takeReaders(returning);
  stack.defer(async () => void other.server.close());
  for (let n = 0; n < 6; n++) await join();
  expect(other.readers.size).toBe(6);
});
