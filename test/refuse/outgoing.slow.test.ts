import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, inject, test } from 'vitest';
import { desk, startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

/** Row 45: the server makes no request to an address from a client. There are no web hooks and no push subscriptions. */
test('no process requests an address in an item', async () => {
  let hits = 0;
  const victim = createServer((socket) => {
    hits += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  try {
    const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };
    await using all = await startFlashwire('all', env);
    const { port } = victim.address() as AddressInfo;
    const hosts = ['127.0.0.1', 'localhost', '127.1', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]'];
    const ask = (path: string) => fetch(all.url + path, { headers: { host: `127.0.0.1:${port}` } });
    for (const host of hosts) {
      const item = { edition: 'en', headline: `Line of ${host}`, url: `https://${host}:${port}/` };
      const { status, body } = await desk(all.url, 'POST', '/v1/items', item, { prefer: 'wait=5' });
      expect(status).toBe(201);
      // On a busy machine the time for rendering may be used up, which is a 503.
      for (const path of [`/item/${body['id']}`, '/live/en', '/feeds/en.rss', `/v1/feed/items/${body['id']}`])
        await until(async () => (await ask(path)).status === 200, 10_000, `${path} is answered`);
    }
    expect(hits).toBe(0);
  } finally {
    victim.close();
  }
});

test('besides Redis, only the canary, the relay and the command line open connections, to their own site and to the API', () => {
  const files = ['src', 'workers'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const asking = files
    .filter((file) => /\.tsx?$/.test(file) && !/^src\/(client|ui|ops\/redis)\//.test(file))
    .filter((file) => {
      const text = readFileSync(file, 'utf8');
      return /\bfetch\(|new WebSocket\(|\bimport .*\b(request|get|connect|createConnection)\b.* from 'node:(https?|net|tls|http2)'/.test(
        text,
      );
    });
  expect(asking.sort()).toEqual([
    'src/api/canary-post.ts',
    'src/cli/api-client.ts',
    'src/fanout/delivery/canary-watch.ts',
    // On Unix sockets of this machine: to the api beside the edges, and to see whether a folder is still in use.
    'src/ops/relay/api-watch.ts',
    'src/ops/relay/private-folder.ts',
    'src/ops/relay/relay.ts',
  ]);
});
