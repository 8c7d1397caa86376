import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startNginx } from '../../bench/target/nginx.ts';
import { desk, startFlashwire, until } from '../resources/flashwire.ts';
import { startGuardedRedis } from '../resources/guarded-redis.ts';
import { ResourceStack } from '../resources/resource-stack.ts';
import { roles } from './compose-file.ts';

/** Settings of deploy/redis.conf as arguments, without those that only fit a container. */
async function redisSettings(): Promise<readonly string[]> {
  const lines = (await readFile('deploy/redis.conf', 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines
    .filter((line) => !/^(bind|dir|aclfile) /.test(line))
    .flatMap((line) => {
      const [name = '', ...values] = line.split(' ');
      return [`--${name}`, ...(values[0] === '""' ? [''] : values)];
    });
}

test('the services of the compose file, as local processes behind its nginx, deliver an item to readers', async () => {
  await using redis = await startGuardedRedis(await redisSettings());
  await using stack = new ResourceStack();
  const ports: Record<string, number> = {};
  for (const [name, { command = [], environment = {} }] of roles) {
    const running = stack.use(
      await startFlashwire(command[0] ?? '', {
        ...Object.fromEntries(
          Object.entries(environment).map(([variable, value]) => [
            variable,
            value.replace('/run/secrets', redis.folder), // what the script made, where the container finds it
          ]),
        ),
        FLASHWIRE_BOOTSTRAP_KEY: '',
        HOST: '127.0.0.1',
        PORT: '0',
        FLASHWIRE_DRAIN_MS: '0',
      }),
    );
    ports[name] = Number(new URL(running.url).port);
  }
  const admin = (await readFile(join(redis.folder, 'bootstrap-key'), 'utf8')).trim();
  const nginx = stack.use(await startNginx(ports));
  const url = `http://127.0.0.1:${nginx.port}`;

  const sockets: WebSocket[] = [];
  const received: number[] = [];
  const refused: string[] = [];
  stack.defer(() => {
    for (const socket of sockets) socket.terminate();
  });
  for (let n = 0; n < 500; n += 1) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/feed?edition=en`, {
      headers: { 'x-forwarded-for': `198.51.100.${n % 250}` },
    });
    socket.on('error', (error) => refused.push(error.message));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as {
        readonly type: string;
        readonly item?: { readonly headline: string };
      };
      if (frame.type === 'snapshot') received[n] = 0;
      if (frame.item?.headline === 'Lighthouse lit again') received[n] = (received[n] ?? 0) + 1;
    });
    sockets.push(socket);
  }
  const countOf = (value: number) => received.filter((count) => count === value).length;
  await until(() => refused.length > 0 || countOf(0) === 500, 15_000, 'all 500 readers have a snapshot');
  expect(refused).toEqual([]);
  const { status, body } = await desk(
    url,
    'POST',
    '/v1/items',
    { edition: 'en', headline: 'Lighthouse lit again' },
    { prefer: 'wait=5', authorization: `Bearer ${admin}` },
  );
  expect(status, JSON.stringify(body)).toBe(201);
  await until(() => countOf(1) === 500, 10_000, 'all 500 readers have the item once');

  // A hundred who poll at one position: the cache in front asks once for all of them.
  const { epoch, seq } = (await (await fetch(`${url}/v1/feed.json?edition=en`)).json()) as {
    epoch: string;
    seq: number;
  };
  const busy = await nginx.waiting();
  const polls = Array.from({ length: 100 }, async () => {
    const response = await fetch(`${url}/v1/feed.poll?edition=en&since=${epoch}:${seq}`);
    return { cache: response.headers.get('x-cache'), text: await response.text() };
  });
  await until(async () => (await nginx.waiting()) >= busy + 100, 5_000, 'a hundred polls wait');
  await desk(url, 'POST', '/v1/items', { edition: 'en', headline: 'Fog lifts' }, { authorization: `Bearer ${admin}` });
  const answers = await Promise.all(polls);
  expect(answers.filter(({ text }) => text.includes('Fog lifts'))).toHaveLength(100);
  // The first asks; what was kept is old after a second, which a busy machine may need to wake the last of the others.
  expect(answers.filter(({ cache }) => cache === 'HIT').length).toBeGreaterThanOrEqual(90);
});
