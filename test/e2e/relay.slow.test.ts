import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire, testKey, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

const temporary = mkdtempSync(join(tmpdir(), 'flashwire-one-machine-'));
let all: Running;
beforeAll(async () => {
  all = await startAll();
});
afterAll(async () => {
  await all[Symbol.asyncDispose]();
  rmSync(temporary, { recursive: true, force: true });
});

const startAll = (env: Readonly<Record<string, string>> = {}) =>
  startFlashwire('all', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_POST_RATE: '100000',
    TMPDIR: temporary,
    ...env,
  });

/** The ids of all processes of a role that have run, in order. */
function pidsOf({ output }: Running, role: string): readonly number[] {
  const found = [...output.join('\n').matchAll(new RegExp(`"role":"${role}","pid":(\\d+)`, 'g'))];
  return [...new Set(found.map(([, pid]) => Number(pid)))];
}

function api(): number {
  const pid = pidsOf(all, 'api').at(-1);
  if (pid === undefined) throw new Error('no api has run'); // a signal to 0 would be to this process too
  return pid;
}

const foldersIn = (parent: string) => readdirSync(parent).filter((name) => name.startsWith('flashwire-all-'));

interface Post {
  readonly headline: string;
  readonly key: string;
}

const newPost = (headline: string): Post => ({ headline, key: randomUUID() });

function send({ headline, key }: Post) {
  return desk(all.url, 'POST', '/v1/items', { edition: 'en', headline }, { 'idempotency-key': key });
}

/** How often each headline is in the desk's list. */
async function headlines(): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let before = ''; ; ) {
    const { body } = await desk(all.url, 'GET', `/v1/items?edition=en&limit=100${before}`);
    for (const item of body['items'] as { readonly body: { readonly headline: string } }[])
      counts.set(item.body.headline, (counts.get(item.body.headline) ?? 0) + 1);
    if (body['next'] === undefined) return counts;
    before = `&before=${String(body['next'])}`;
  }
}

test('a command that the api of `all` has and does not answer is 504, one that it does not have is 503, and the same key finds out', async () => {
  expect((await send(newPost('Line before'))).status).toBe(202);
  const unknown = newPost('Line whose answer is lost');
  const killed = api();
  process.kill(killed, 'SIGSTOP');
  const sent = send(unknown);
  // No event tells when a stopped process has it. Meanwhile the edge has answered twenty other requests.
  for (let n = 0; n < 20; n++) await (await fetch(`${all.url}/healthz`)).text();
  process.kill(killed, 'SIGKILL');
  expect(await sent).toMatchObject({ status: 504, body: { type: '/problems/outcome-unknown' } });
  const refused: Post[] = [];
  for await (const count of setInterval(20, refused)) {
    const post = newPost(`Line ${count.length} without an api`);
    const { status, body } = await send(post);
    expect([202, 503, 504], JSON.stringify(body)).toContain(status);
    if (status === 503) refused.push(post);
    else if (status === 202) break;
  }
  expect(refused.length).toBeGreaterThan(0);
  expect((await send(unknown)).status).toBe(202);
  const found = await headlines();
  expect(found.get(unknown.headline)).toBe(1);
  for (const { headline } of refused) expect(found.has(headline), headline).toBe(false);
  expect(all.output.join('\n')).toContain('child exited, starting it again');
});

test('while the api of `all` is killed again and again, no answer is 502, and each item is there as its answer says', async () => {
  const answers = new Map<string, number>();
  let isOver = false;
  const poster = async () => {
    for await (const sent of setInterval(20, answers)) {
      const post = newPost(`Line ${sent.size} under kills`);
      answers.set(post.headline, (await send(post)).status);
      if (isOver) return;
    }
  };
  const posting = poster();
  const accepts = () => answers.size > 1 && [...answers.values()].slice(-2).every((status) => status === 202);
  for (let times = 0; times < 2; times++) {
    await until(accepts, 30_000, 'it accepts');
    process.kill(api(), 'SIGKILL');
    await until(() => !accepts(), 30_000, 'it does not');
  }
  await until(accepts, 30_000, 'it accepts again');
  isOver = true;
  await posting;
  const found = await headlines();
  for (const [headline, status] of answers) {
    expect([202, 503, 504], headline).toContain(status);
    if (status === 202) expect(found.get(headline), headline).toBe(1);
    if (status === 503) expect(found.get(headline), headline).toBeUndefined();
    if (status === 504) expect(found.get(headline) ?? 0, headline).toBeLessThan(2);
  }
});

test('a desk follows the stream through an edge, its end reaches the api, and the end of the api reaches it', async () => {
  const port = /"metricsPort":(\d+)/.exec(all.output.join('\n'))?.[1];
  const openDesks = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(/^flashwire_open_desks\{.*\} (\d+)$/m.exec(text)?.[1]);
  };
  const follow = async () => {
    const asked = request(`${all.url}/v1/stream?edition=en`, { headers: { authorization: `Bearer ${testKey}` } }).end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const stream = { answer, text: '', ended: new Promise((resolve) => answer.once('close', resolve)) };
    answer.on('error', () => undefined);
    answer.setEncoding('utf8').on('data', (piece: string) => {
      stream.text += piece;
    });
    return stream;
  };
  const [leaving, staying] = [await follow(), await follow()];
  await until(
    () => leaving.text.includes('event: ') && staying.text.includes('event: '),
    10_000,
    'both have a snapshot',
  );
  await until(async () => (await openDesks()) === 2, 10_000, 'both are open');
  leaving.answer.destroy();
  await until(async () => (await openDesks()) === 1, 10_000, 'one has left');
  await send(newPost('The bridge opens'));
  await until(() => staying.text.includes('The bridge opens'), 10_000, 'the line is on the desk');
  process.kill(api(), 'SIGKILL');
  await staying.ended;
  await until(async () => (await fetch(`${all.url}/v1/openapi.json`)).status === 200, 30_000, 'it runs again');
});

test('the api of `all` logs the address of the client, whatever the client says', async () => {
  const options = {
    localAddress: '127.0.0.5',
    headers: {
      authorization: `Bearer fw_nobody_${'x'.repeat(40)}`,
      'x-flashwire-client': '203.0.113.9',
      'x-forwarded-for': '203.0.113.8',
    },
  };
  for (let n = 0; n < 62; n++) {
    const [answer] = (await once(request(`${all.url}/v1/items`, options).end(), 'response')) as [IncomingMessage];
    answer.resume();
    expect([401, 429]).toContain(answer.statusCode);
  }
  await until(() => all.output.some((line) => line.includes('many failed keys')), 5_000, 'it is logged');
  const line = all.output.find((one) => one.includes('many failed keys')) ?? '';
  expect(JSON.parse(line)).toMatchObject({ role: 'api', address: '127.0.0.5' });
});

test('`all` keeps its socket in a folder that only its user can enter, and leaves no folder and no process', async () => {
  const own = mkdtempSync(join(temporary, 'stopped-'));
  const all = await startAll({ TMPDIR: own });
  const [folder = ''] = foldersIn(own);
  expect(statSync(join(own, folder)).mode & 0o777).toBe(0o700);
  expect(statSync(join(own, folder, 'api')).isSocket()).toBe(true);
  const pids = ['worker', 'api', 'edge'].flatMap((role) => pidsOf(all, role));
  expect(pids).toHaveLength(3);
  await all[Symbol.asyncDispose]();
  expect(all.child.exitCode).toBe(0);
  expect(foldersIn(own)).toEqual([]);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a killed `all` leaves no process, and the next one removes its folder', async () => {
  const own = mkdtempSync(join(temporary, 'killed-'));
  const all = await startAll({ TMPDIR: own });
  const pids = ['worker', 'api', 'edge'].flatMap((role) => pidsOf(all, role));
  const left = foldersIn(own);
  all.child.kill('SIGKILL');
  await until(() => !pids.some(isAlive), 10_000, 'its processes have ended');
  expect(foldersIn(own)).toEqual(left);
  await using next = await startAll({ TMPDIR: own });
  expect(next.child.exitCode).toBeNull();
  expect(foldersIn(own)).toHaveLength(1);
  expect(foldersIn(own)).not.toEqual(left);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
