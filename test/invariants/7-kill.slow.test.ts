import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../../bench/process/free-port.ts';
import { connectFeed } from '../../src/client/index.ts';
import type { PublicItem } from '../../src/item/item.ts';
import { createLogReader } from '../../src/log/entries/redis-log-reader.ts';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { startRedis } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

type Outcome = 'accepted' | 'refused' | 'unknown';

/** The API's answer to one post. Without an answer, the outcome is unknown. */
async function post(url: string, headline: string): Promise<Outcome> {
  try {
    const { status } = await desk(
      url,
      'POST',
      '/v1/items',
      { edition: 'en', headline },
      { 'idempotency-key': randomUUID() },
    );
    if (status < 300) return 'accepted';
    return status === 504 ? 'unknown' : 'refused';
  } catch {
    return 'unknown';
  }
}

const kill = (running: Running) => running.child.kill('SIGKILL');
const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];

test('invariant 7: after a kill of any process at any step, an accepted command is in the log once, a refused one nowhere, an unknown one at most once, and readers agree', async () => {
  await using stack = new ResourceStack();
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-kill-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  let redisServer = await startRedis(durable, { port, dir });
  stack.defer(() => redisServer[Symbol.asyncDispose]());
  const ports = { api: await freePort(), fanout: await freePort() };
  const start = async (role: string) =>
    stack.use(
      await startFlashwire(role, {
        REDIS_URL: redisServer.url,
        PORT: String(role === 'api' ? ports.api : role === 'fanout' ? ports.fanout : 0),
        FLASHWIRE_POST_RATE: '100000',
      }),
    );
  let [api, fanout, worker] = await Promise.all([start('api'), start('fanout'), start('worker')]);

  let shown: readonly PublicItem[] = [];
  const reader = connectFeed({
    url: fanout.url,
    edition: 'en',
    limit: 50,
    WebSocket,
    onItems: (items) => {
      shown = items;
    },
  });
  stack.defer(() => reader.close());

  const outcomes = new Map<string, Outcome>();
  /** Posts until the killed process is back. The kill interrupts posts that are under way. */
  const during = async (name: string, strike: () => Promise<void>) => {
    const posts: Promise<unknown>[] = [];
    let isOver = false;
    const posting = (async () => {
      for (let n = 0; !isOver && n < 60; n += 1) {
        const headline = `${name} ${n}`;
        posts.push(post(api.url, headline).then((outcome) => outcomes.set(headline, outcome)));
        await Promise.race([posts.at(-1), new Promise((resolve) => setTimeout(resolve, 50))]);
      }
    })();
    await until(() => posts.length >= 5, 10_000, 'posts are under way');
    await strike();
    isOver = true;
    await posting;
    await Promise.all(posts);
  };

  await during('worker', async () => {
    kill(worker);
    worker = await start('worker');
  });
  await during('fanout', async () => {
    kill(fanout);
    fanout = await start('fanout');
  });
  await during('api', async () => {
    kill(api);
    api = await start('api');
  });
  await during('redis', async () => {
    await redisServer.kill();
    redisServer = await startRedis(durable, { port, dir });
    await until(async () => (await post(api.url, 'after redis')) === 'accepted', 15_000, 'the API accepts again');
    outcomes.set('after redis', 'accepted');
  });

  const redis = new Redis(redisServer.url);
  stack.defer(() => redis.disconnect());
  const log = createLogReader({ redis, prefix: 'fw' });
  const headlines = async () =>
    (await log.load('en', { items: 1_000, entries: 1_000 })).entries.map((entry) => entry.item?.headline ?? '');
  const accepted = [...outcomes].filter(([, outcome]) => outcome === 'accepted').map(([headline]) => headline);
  await until(
    async () => {
      const published = new Set(await headlines());
      return accepted.every((headline) => published.has(headline));
    },
    30_000,
    'everything accepted is in the log',
  );

  // An unknown command may still be appended: its answer was lost with Redis, and the reconciler finds it.
  await until(
    async () => {
      const newest = (await headlines()).reverse().slice(0, 50);
      return shown.length > 0 && shown.every((item, at) => item.status === 'usable' && item.headline === newest[at]);
    },
    20_000,
    'the reader shows the same as the log',
  );

  const published = await headlines();
  for (const [headline, outcome] of outcomes) {
    const times = published.filter((one) => one === headline).length;
    if (outcome === 'accepted' && headline !== 'after redis') expect(times, headline).toBe(1);
    else if (outcome === 'refused' && headline !== 'after redis') expect(times, headline).toBe(0);
    else if (outcome === 'unknown') expect(times, headline).toBeLessThanOrEqual(1);
  }
});
