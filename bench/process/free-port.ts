import { once } from 'node:events';
import { createServer } from 'node:net';
import { BenchError } from './bench-error.ts';

/** A TCP port of 127.0.0.1 that was free a moment ago, below those that the system gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 11_000 + Math.floor(Math.random() * 19_000); // no browser opens 10080
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new BenchError('no port of 127.0.0.1 between 11000 and 30000 can be listened on');
}
