import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Cursor, follow, startCursor } from '../../src/client/cursor.ts';
import { parseFrame } from '../../src/protocol/frame-parse.ts';
import { formatPosition } from '../../src/protocol/position.ts';
import { randomOf } from '../../torture/fuzz/random.ts';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

/** Rows 12, 13 and 14: concurrent requests over two API processes, while clients connect and disconnect. */
const stack = new ResourceStack();
let apis: readonly Running[];
let fanouts: readonly Running[];

beforeAll(async () => {
  const env = {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_POST_RATE: '100000',
    FLASHWIRE_BEAT_MS: '1000',
  };
  const start = async (role: string) => stack.use(await startFlashwire(role, env, 30_000));
  [apis, fanouts] = await Promise.all([
    Promise.all([start('api'), start('api')]),
    Promise.all([start('fanout')]),
    start('worker'),
  ]);
});

afterAll(() => stack[Symbol.asyncDispose]());

const api = (at: number) => apis[at % apis.length]?.url ?? '';
const line = { edition: 'en', headline: 'The new bridge opens tonight' };
const waits = { prefer: 'wait=5' };

interface Listed {
  readonly id: string;
  readonly body: { readonly headline: string } | null;
}

async function listed(headline: string): Promise<readonly Listed[]> {
  const { body } = await desk(api(0), 'GET', '/v1/items?edition=en&limit=100');
  return (body['items'] as readonly Listed[]).filter((item) => item.body?.headline === headline);
}

const headOf = async () => {
  const answer = await fetch(`${fanouts[0]?.url}/v1/feed.json?edition=en`);
  return ((await answer.json()) as { seq: number }).seq;
};

test('fifty concurrent requests with one Idempotency-Key, over two API processes, are one item and one entry', async () => {
  const key = { 'idempotency-key': randomUUID(), ...waits };
  const item = { ...line, headline: 'Asked fifty times' };
  const before = await headOf();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, at) => desk(api(at), 'POST', '/v1/items', item, key)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(new Set(answers.map(({ body }) => `${body['id']} ${body['version']} ${body['seq']}`)).size).toBe(1);
  expect(await listed(item.headline)).toHaveLength(1);
  await until(async () => (await headOf()) > before, 5_000, 'the entry is out');
  expect(await headOf()).toBe(before + 1);
  const other = await desk(api(1), 'POST', '/v1/items', { ...item, headline: 'Another' }, key);
  expect(other).toMatchObject({ status: 422, body: { type: '/problems/idempotency-mismatch' } });
});

test('of many concurrent changes to one version one wins, the others get 412, and no change is lost', async () => {
  const { body } = await desk(api(0), 'POST', '/v1/items', { ...line, state: 'draft' });
  const at = `/v1/items/${body['id']}`;
  expect((await desk(api(1), 'PUT', at, { ...line, headline: 'Without a version' })).status).toBe(428);
  const won: string[] = [];
  let version = 1;
  for (let round = 0; round < 10; round += 1) {
    const seen = { 'if-match': `"${version}"` };
    const answers = await Promise.all(
      Array.from({ length: 6 }, async (_, who) => {
        const headline = `Round ${round}, editor ${who}`;
        return { headline, ...(await desk(api(who), 'PUT', at, { ...line, headline }, seen)) };
      }),
    );
    const winners = answers.filter(({ status }) => status === 202);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(5);
    won.push(winners[0]?.headline ?? '');
    version = Number(winners[0]?.body['version']);
  }
  const item = (await desk(api(1), 'GET', at)).body;
  const versions = item['versions'] as readonly { readonly body: { readonly headline: string } | null }[];
  expect(item).toMatchObject({ version, body: { headline: won.at(-1) } });
  const texts = versions.map((one) => one.body?.headline);
  expect(won.filter((headline) => !texts.includes(headline))).toEqual([]); // each accepted change is based on the one before
  const { body: audit } = await desk(api(0), 'GET', '/v1/audit?limit=200');
  const own = (audit['events'] as readonly { itemId?: string }[]).filter(({ itemId }) => itemId === body['id']);
  expect(own).toHaveLength(11); // the draft and ten changes; a refused change adds no event
});

/** A client by the client's rule that can drop its connection. It keeps every frame that it has received. */
class Reader {
  readonly heard: string[] = [];
  readonly #url: string;
  #cursor: Cursor = startCursor(null);
  #socket: WebSocket | null = null;
  #isOver = false;

  constructor(url: string) {
    this.#url = url;
    this.#open();
  }

  get shown(): string {
    return JSON.stringify(this.#cursor.items);
  }

  get seq(): number {
    return this.#cursor.position?.seq ?? -1;
  }

  lose(): void {
    this.#socket?.terminate();
  }

  close(): void {
    this.#isOver = true;
    this.lose();
  }

  #open(): void {
    const { position } = this.#cursor;
    const since = position ? `&since=${formatPosition(position)}` : '';
    const socket = new WebSocket(`${this.#url}/v1/feed?edition=en&limit=50${since}`);
    this.#socket = socket;
    socket.on('message', (data) => {
      const text = String(data);
      this.heard.push(text);
      const frame = parseFrame(text);
      const next = frame && follow(this.#cursor, frame, 50);
      if (next) this.#cursor = next;
      else if (frame) socket.terminate();
    });
    socket.on('error', () => undefined); // its close follows
    socket.on('close', () => {
      if (!this.#isOver) this.#open();
    });
  }
}

test('two hundred clients that come and go end with equal lists, and clients that join after a retraction never get its text', async () => {
  const random = randomOf(14);
  const url = (fanouts[0]?.url ?? '').replace('http', 'ws');
  const readers = Array.from({ length: 200 }, () => new Reader(url));
  const late: { readonly reader: Reader; readonly gone: readonly string[] }[] = [];
  let isOver = false;
  const losing = (async () => {
    while (!isOver) {
      for (const reader of readers) if (random() < 0.05) reader.lose();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  try {
    const gone: string[] = [];
    for (let n = 0; n < 20; n += 1) {
      const claim = `Claim${n}x`;
      const item = await desk(api(n), 'POST', '/v1/items', { ...line, headline: claim }, waits);
      const at = `/v1/items/${item.body['id']}`;
      const changed = {
        ...line,
        headline: `${claim} corrected`,
        correction: { kind: 'corrected', note: `${claim} note` },
      };
      // Both at once, at two processes: in any order, a retracted item stays retracted.
      const [, retracted] = await Promise.all([
        desk(api(n), 'PUT', at, changed, { ...waits, 'if-match': '"1"' }),
        desk(api(n + 1), 'POST', `${at}/retract`, { reason: 'Wrong' }, waits),
      ]);
      expect(retracted.status).toBe(200);
      gone.push(claim);
      const applied = Number(retracted.body['seq']);
      await until(async () => (await headOf()) >= applied, 5_000, 'the fan-out has applied it');
      late.push({ reader: new Reader(url), gone: [...gone] });
    }
    isOver = true;
    await losing;
    const head = await headOf();
    const all = [...readers, ...late.map(({ reader }) => reader)];
    await until(() => all.every(({ seq }) => seq >= head), 15_000, 'every reader is at the head');
    expect(new Set(all.map(({ shown }) => shown)).size).toBe(1);
    for (const claim of gone) expect(all[0]?.shown).not.toContain(claim);
    for (const { reader, gone: before } of late)
      expect(before.filter((claim) => reader.heard.some((frame) => frame.includes(claim)))).toEqual([]);
    expect(readers.some(({ heard }) => heard.some((frame) => frame.includes('Claim')))).toBe(true);
  } finally {
    isOver = true;
    for (const reader of [...readers, ...late.map(({ reader: one }) => one)]) reader.close();
  }
});
