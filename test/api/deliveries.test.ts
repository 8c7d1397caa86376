import { once } from 'node:events';
import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { Deliveries } from '../../src/api/deliveries.ts';
import {
  createRollCall,
  type DeliveryReport,
  type ProcessReport,
  sayGoodbye,
} from '../../src/log/rollcall/delivery-report.ts';
import { KeptRoll } from '../../src/log/rollcall/kept-roll.ts';
import { Roll } from '../../src/log/rollcall/roll.ts';
import { HandRoll } from '../log/rollcall/hand-roll.ts';
import { desk, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { startApi } from './start-api.ts';

/** An API that hears the roll call. */
async function open() {
  const api = await startApi(inject('redisUrl'));
  const hears = async () => (await api.redis.pubsub('NUMSUB', `${api.prefix}:rollcall`))[1] === 1;
  await until(hears, 5_000, 'it hears the roll call');
  await until(() => api.roll.presentAgo(0) !== null, 5_000, 'everyone has had time to call');
  return api;
}

async function published(url: string): Promise<string> {
  const line = { edition: 'en', headline: 'The new bridge opens tonight' };
  const { body } = await desk(url, 'POST', '/v1/items', line, { prefer: 'wait=5' });
  return String(body['id']);
}

function report(process: string, deliveries: readonly DeliveryReport[], more: Partial<ProcessReport> = {}) {
  const self = { process, startedAt: 0, readers: { en: 10 }, canary: null, isReady: true };
  return { ...self, deliveries: [...deliveries], painted: [], ...more };
}

function delivery(itemId: string, more: Partial<DeliveryReport> = {}): DeliveryReport {
  const counts = { targeted: 10, written: 10, caughtUp: 0, left: 0, resumed: 0 };
  const latency: [number, number][] = [[40, counts.written]];
  return {
    edition: 'en',
    seq: 1,
    itemId,
    version: 1,
    at: Date.now(),
    what: 'new',
    ...counts,
    latency,
    maxMs: 33,
    ...more,
  };
}

describe('GET /v1/items/:id/delivery', () => {
  test('an item without reports has no proof', async () => {
    await using api = await open();
    const { status, body } = await desk(api.url, 'GET', `/v1/items/${await published(api.url)}/delivery`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ proofs: [], estimate: { painted: [] } });
  });

  test('a proof adds the processes up, and is proven once every process has reported and no reader waits', async () => {
    await using api = await open();
    const id = await published(api.url);
    const proofs = async () =>
      (await desk(api.url, 'GET', `/v1/items/${id}/delivery`)).body['proofs'] as Record<string, unknown>[];
    await api.rollCall.say(report('p2', []));
    await api.rollCall.say(report('p1', [delivery(id)]));
    await until(async () => (await proofs()).length === 1, 5_000, 'p1 was heard');
    expect(await proofs()).toMatchObject([{ state: 'partial', silent: ['p2'], targeted: 10, waiting: 0 }]);
    const busy = { written: 7, caughtUp: 0, latency: [[48, 7]] as [number, number][], maxMs: 63 };
    await api.rollCall.say(report('p2', [delivery(id, busy)]));
    await until(async () => (await proofs())[0]?.['targeted'] === 20, 5_000, 'p2 was heard');
    expect(await proofs()).toMatchObject([{ state: 'partial', silent: [], written: 17, skipped: 3, waiting: 3 }]);
    await api.rollCall.say(report('p2', [delivery(id, { ...busy, caughtUp: 2, left: 1 })]));
    await until(async () => (await proofs())[0]?.['state'] === 'proven', 5_000, 'it was proven');
    expect(await proofs()).toMatchObject([
      { written: 17, skipped: 2, caughtUp: 2, left: 1, waiting: 0, latencyMs: { max: 63 } },
    ]);
  });

  test('silence is never a proof: neither of a process that is gone, nor before the API has heard the roll call', async () => {
    await using api = await open();
    const id = await published(api.url);
    const proofs = async () =>
      (await desk(api.url, 'GET', `/v1/items/${id}/delivery`)).body['proofs'] as Record<string, unknown>[];
    await api.rollCall.say(report('hung', []));
    await until(() => api.roll.present().length === 1, 5_000, 'it was heard');
    await api.rollCall.say(report('p1', [delivery(id)]));
    await until(async () => (await proofs()).length === 1, 5_000, 'p1 was heard');
    await until(() => api.roll.present().length === 0, 10_000, 'no process is on the roll');
    expect(await proofs()).toMatchObject([{ state: 'partial', silent: ['hung'] }]);
    // Before this API listened, nobody knows who was there.
    await api.rollCall.say(report('p1', [delivery(id, { seq: 2, at: Date.now() - 3_600_000 })]));
    await until(async () => (await proofs()).length === 2, 5_000, 'an older one was heard');
    expect((await proofs())[0]).toMatchObject({ seq: 2, state: 'partial', waiting: 0 });
  });

  test('a proof names a process that lost Redis before the append, until it reports, says goodbye or ten minutes pass', async () => {
    const redis = new Redis(inject('redisUrl'));
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    const prefix = ownPrefix();
    const model = new HandRoll();
    const now = () => 1_800_000_000_000 + model.now;
    const deliveries = new Deliveries({ redis, prefix, rollCall: model, roll: model.roll, now });
    const p1 = (at: number) => model.call('p1', { deliveries: [delivery('a', { at })] });
    model.now = 100_000;
    for (const name of ['p1', 'back', 'leaver', 'lost']) model.call(name, { readers: { en: 10_000, ar: 7 } });
    model.now += 5_000;
    const at = now();
    p1(at);
    const silent = () => deliveries.newest('a')?.silent;
    const lost = { process: 'lost', readers: 10_000, lastHeardAt: new Date(now() - 5_000).toISOString() };
    expect(deliveries.newest('a')).toMatchObject({ state: 'partial', silent: ['back', 'leaver', 'lost'], waiting: 0 });
    expect(deliveries.newest('a')?.silentProcesses).toContainEqual(lost);
    model.call('back', { deliveries: [delivery('a', { at })] });
    model.call('leaver', { leaving: true });
    expect(silent()).toEqual(['lost']);
    model.now += 594_900;
    p1(at);
    expect(deliveries.newest('a')).toMatchObject({ state: 'partial', silent: ['lost'] });
    model.now += 101;
    expect(deliveries.newest('a')).toMatchObject({ state: 'proven', silent: [], silentProcesses: [], targeted: 20 });
    await deliveries.close();
    // The verdict is kept although nothing was reported that day that led to it.
    const kept = await redis.hgetall(`${prefix}:{en}:delivery:a`);
    expect(Object.keys(kept).sort()).toEqual(['1 back', '1 p1', 'proven 1']);
  });

  test('an API that starts after a process has lost Redis proves nothing', async () => {
    const redis = new Redis(inject('redisUrl'));
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    const prefix = ownPrefix();
    const startedAt = Date.now();
    const open = (model: HandRoll) => {
      const now = () => startedAt + model.now;
      const roll = new Roll(model, () => model.now, false);
      const deliveries = new Deliveries({ redis, prefix, rollCall: model, roll, now });
      return { deliveries, kept: new KeptRoll({ redis, prefix, roll, now }) };
    };
    const first = new HandRoll();
    const before = open(first);
    await before.kept.keep();
    for (const name of ['p1', 'leaver', 'lost']) first.call(name, { readers: { en: 10_000 } });
    await before.kept.keep();
    const goodbye = createRollCall({ redis, subscriber: redis.duplicate({ lazyConnect: true }), prefix });
    await goodbye.say(report('leaver', [], { leaving: true }));
    const later = new HandRoll();
    later.now = 60_000;
    const after = open(later);
    later.now += 5_000;
    const p1 = () => later.call('p1', { deliveries: [delivery('a', { at: startedAt + later.now - 2_000 })] });
    p1();
    expect(after.deliveries.newest('a')).toMatchObject({ state: 'partial', silent: [] });
    await after.kept.keep();
    const lost = { process: 'lost', readers: 10_000, lastHeardAt: new Date(startedAt).toISOString() };
    expect(after.deliveries.newest('a')).toMatchObject({ state: 'partial', silentProcesses: [lost] });
    later.now = 600_001;
    p1();
    expect(after.deliveries.newest('a')).toMatchObject({ state: 'proven', silent: [] });
    await after.kept.keep();
    expect(await redis.hkeys(`${prefix}:roll`)).toEqual(['p1']);
    await sayGoodbye(redis, prefix, 'p1');
    expect(await redis.exists(`${prefix}:roll`)).toBe(0);
    for (const { deliveries } of [before, after]) await deliveries.close();
  });

  test('new reports are saved, each edition on its own', async () => {
    const redis = new Redis(inject('redisUrl'));
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    await once(redis, 'ready');
    const prefix = ownPrefix();
    const commands: string[] = [];
    // Not MONITOR: ioredis breaks where a line of another connection arrives in one packet with the `OK` that MONITOR began.
    const sendCommand = redis.sendCommand.bind(redis);
    redis.sendCommand = (command, ...more) => {
      commands.push(`${command.name} ${String(command.args[0]).replace(`${prefix}:`, '')}`);
      return sendCommand(command, ...more);
    };
    let pipelines = 0;
    const pipeline = redis.pipeline.bind(redis);
    redis.pipeline = (...asked) => {
      pipelines++;
      return pipeline(...asked);
    };
    const model = new HandRoll();
    const deliveries = new Deliveries({ redis, prefix, rollCall: model, roll: model.roll, now: Date.now });
    const said = [delivery('a'), delivery('b', { edition: 'ar' })];
    for (let round = 0; round < 2; round++) {
      for (let times = 0; times < 10; times++) model.call('p1', { deliveries: structuredClone(said) });
      await deliveries.close();
    }
    expect(commands.sort()).toEqual([
      'expire {ar}:delivery:b',
      'expire {en}:delivery:a',
      'hset {ar}:delivery:b',
      'hset {en}:delivery:a',
    ]);
    expect(pipelines).toBe(2);
  });

  test('of the apis that hear a report one saves it, in one command for all processes, and another one when that api is gone', async () => {
    const redis = new Redis(inject('redisUrl'));
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    await once(redis, 'ready');
    const prefix = ownPrefix();
    const commands: string[] = [];
    const sendCommand = redis.sendCommand.bind(redis);
    redis.sendCommand = (command, ...more) => {
      commands.push(command.name);
      return sendCommand(command, ...more);
    };
    const model = new HandRoll();
    let speaker = 'first';
    const api = (name: string) =>
      new Deliveries({
        redis,
        prefix,
        rollCall: model,
        roll: model.roll,
        now: Date.now,
        isSaved: () => speaker !== name,
      });
    const [first, second] = [api('first'), api('second')];
    for (let n = 0; n < 50; n++) model.call(`p${n}`, { deliveries: [delivery('a')] });
    await second.close();
    expect(commands).toEqual([]);
    await first.close();
    expect(commands).toEqual(['hset', 'expire']);
    commands.length = 0;
    speaker = 'second';
    await second.close();
    expect(commands).toEqual(['hset', 'expire']);
    expect(await redis.hlen(`${prefix}:{en}:delivery:a`)).toBe(50);
  });

  test('hearers are told of a proof a few times, not for each report of each process', async () => {
    const redis = new Redis(inject('redisUrl'));
    using _ = { [Symbol.dispose]: () => redis.disconnect() };
    const model = new HandRoll();
    const deliveries = new Deliveries({
      redis,
      prefix: ownPrefix(),
      rollCall: model,
      roll: model.roll,
      now: Date.now,
      isSaved: () => true,
    });
    const told: [number, string][] = [];
    deliveries.onProof((_edition, id) => void told.push([deliveries.newest(id)?.targeted ?? 0, id]));
    for (let n = 0; n < 100; n++) model.call(`p${n}`, { deliveries: [delivery('a'), delivery('b')] });
    expect(told).toEqual([[10, 'a']]);
    await until(() => told.length === 3, 5_000, 'they were told of the last reports');
    expect(told.slice(1).sort()).toEqual([
      [1_000, 'a'],
      [1_000, 'b'],
    ]);
  });

  test('a roll call with one unreadable or impossible part is still read', async () => {
    await using api = await open();
    const id = await published(api.url);
    const bad = [
      delivery(id, { seq: 2, targeted: -2 }),
      delivery(id, { seq: 3, written: 11 }),
      delivery(id, { seq: 4, at: 1e300 }),
      { seq: 5 },
      null,
    ];
    const call = {
      ...report('p1', [delivery(id)]),
      deliveries: [...bad, delivery(id)],
      readers: { en: 10, ar: -1, es: 'x' },
      canary: { itemId: 7 },
      painted: [{ itemId: id }, { itemId: id, version: 1, samples: 3, delay: [[8, 3]] }],
    };
    await api.redis.publish(`${api.prefix}:rollcall`, JSON.stringify(call));
    await api.redis.publish(`${api.prefix}:rollcall`, JSON.stringify({ process: 'p2', deliveries: 'none' }));
    await until(() => api.roll.present().length === 2, 5_000, 'both were heard');
    const { body } = await desk(api.url, 'GET', `/v1/items/${id}/delivery`);
    expect(body).toMatchObject({
      proofs: [{ seq: 1, targeted: 10, written: 10, silent: ['p2'] }],
      estimate: { painted: [{ samples: 3 }] },
    });
    expect(body['proofs']).toHaveLength(1);
    const status = await desk(api.url, 'GET', '/v1/status');
    expect(status.body).toMatchObject({ readers: { en: 10 }, processes: [{ process: 'p1' }, { process: 'p2' }] });
    expect((await desk(api.url, 'GET', '/v1/items?edition=en')).status).toBe(200);
  });

  test('a proof is saved for an API that starts later', async () => {
    await using api = await open();
    const id = await published(api.url);
    await api.rollCall.say(report('p1', [delivery(id)]));
    const key = `${api.prefix}:{en}:delivery:${id}`;
    await until(async () => (await api.redis.hexists(key, 'proven 1')) === 1, 5_000, 'it was saved');
    const later = new Deliveries({
      redis: api.redis,
      prefix: api.prefix,
      rollCall: api.rollCall,
      roll: new Roll(api.rollCall),
      now: () => Date.now(),
    });
    expect((await later.of('en', id)).proofs).toMatchObject([{ state: 'proven', written: 10 }]);
  });

  test('a delivery is kept in Redis, and is in the list at once', async () => {
    await using api = await open();
    const id = await published(api.url);
    const list = async () =>
      (await desk(api.url, 'GET', '/v1/items?edition=en')).body['items'] as { id: string; reach: unknown }[];
    expect(await list()).toMatchObject([{ id, reach: null }]);
    await api.rollCall.say(report('p1', [delivery(id)]));
    const key = `${api.prefix}:{en}:delivery:${id}`;
    await until(async () => (await api.redis.hlen(key)) === 2, 5_000, 'it was saved');
    expect(await api.redis.ttl(key)).toBeGreaterThan(86_400);
    expect(await list()).toMatchObject([{ reach: { state: 'proven', targeted: 10, written: 10 } }]);
  });

  test('samples of browsers are separate, and forged samples do not change the proof', async () => {
    await using api = await open();
    const id = await published(api.url);
    const ask = async () => (await desk(api.url, 'GET', `/v1/items/${id}/delivery`)).body;
    await api.rollCall.say(report('p1', [delivery(id)]));
    await until(async () => ((await ask())['proofs'] as unknown[]).length === 1, 5_000, 'the proof was heard');
    const { proofs } = await ask();
    const painted = [{ itemId: id, version: 1, samples: 1_000, delay: [[200, 1_000]] as [number, number][] }];
    await api.rollCall.say(report('p1', [], { painted }));
    await until(async () => JSON.stringify(await ask()).includes('1000'), 5_000, 'the samples were heard');
    expect(await ask()).toMatchObject({ proofs, estimate: { painted: [{ version: 1, samples: 1_000 }] } });
  });
});

describe('GET /v1/status', () => {
  test('the status adds up the readers of present processes, and is proven when every process is', async () => {
    await using api = await open();
    const status = async () => (await desk(api.url, 'GET', '/v1/status')).body;
    expect(await status()).toMatchObject({ readers: {}, processes: [], provenAgoMs: null, stop: { stopped: false } });
    const now = Date.now();
    await api.rollCall.say(report('p1', [], { canary: { itemId: 'x', at: now - 4_000, tookMs: 3 } }));
    await api.rollCall.say(report('p2', []));
    await until(async () => JSON.stringify(await status()).includes('p2'), 5_000, 'both were heard');
    expect(await status()).toMatchObject({ readers: { en: 20 }, provenAgoMs: null });
    await api.rollCall.say(report('p1', [], { canary: { itemId: 'x', at: now - 4_000, tookMs: 3 } }));
    await api.rollCall.say(report('p2', [], { canary: { itemId: 'x', at: now, tookMs: 3 } }));
    await until(async () => (await status())['provenAgoMs'] !== null, 5_000, 'both have a proof');
    expect((await status())['provenAgoMs']).toBeGreaterThanOrEqual(3_900);
  });

  test('the status drops a process that stops calling the roll', async () => {
    await using api = await open();
    await api.rollCall.say(report('p1', []));
    const processes = async () => (await desk(api.url, 'GET', '/v1/status')).body['processes'] as unknown[];
    await until(async () => (await processes()).length === 1, 5_000, 'it was heard');
    await until(async () => (await processes()).length === 0, 10_000, 'it was forgotten');
  });
});

describe('the audit', () => {
  test('the audit trail says who did what with which key, and never the text of an item', async () => {
    await using api = await open();
    const made = await desk(api.url, 'POST', '/v1/keys', { name: 'Night desk', role: 'editor', editions: ['en'] });
    const as = { authorization: `Bearer ${made.body['token']}` };
    const line = { edition: 'en', headline: 'The new bridge opens tonight' };
    const { body } = await desk(api.url, 'POST', '/v1/items', line, { ...as, prefer: 'wait=5' });
    await desk(api.url, 'POST', `/v1/items/${body['id']}/retract`, { reason: 'The date was wrong' }, as);
    await desk(api.url, 'PUT', '/v1/stop', { stopped: true, reason: 'drill' });
    await desk(api.url, 'PUT', '/v1/stop', { stopped: false });
    const all = await desk(api.url, 'GET', '/v1/audit');
    expect(all.body['events']).toMatchObject([
      { action: 'let-go', keyId: 'test1' },
      { action: 'stop', keyId: 'test1', detail: 'drill' },
      { action: 'retract', keyId: made.body['keyId'], name: 'Night desk', version: 2, detail: 'The date was wrong' },
      { action: 'publish', keyId: made.body['keyId'], edition: 'en', itemId: body['id'], version: 1 },
      { action: 'create-key', keyId: 'test1' },
    ]);
    expect(JSON.stringify(all.body)).not.toContain('bridge');
    // An editor sees the edition, not who makes keys.
    const own = (await desk(api.url, 'GET', '/v1/audit', undefined, as)).body['events'] as { action: string }[];
    expect(own.map(({ action }) => action)).toEqual(['retract', 'publish']);
  });

  test('the audit trail comes in pages, and as a CSV file without formulas', async () => {
    await using api = await open();
    await desk(api.url, 'POST', '/v1/keys', { name: '=cmd()', role: 'reporter' });
    for (const stopped of [true, false, true, false])
      await desk(api.url, 'PUT', '/v1/stop', { stopped, reason: '=1+1' });
    const first = await desk(api.url, 'GET', '/v1/audit?limit=2');
    expect(first.body['events']).toHaveLength(2);
    const rest = await desk(api.url, 'GET', `/v1/audit?limit=200&before=${first.body['next']}`);
    expect(rest.body['events']).toHaveLength(3);
    expect(rest.body['next']).toBeUndefined();
    expect((await desk(api.url, 'GET', '/v1/audit?limit=0')).status).toBe(400);
    const headers = { authorization: `Bearer fw_test1_${'k'.repeat(40)}` };
    const file = await fetch(`${api.url}/v1/audit?format=csv`, { headers });
    expect(file.headers.get('content-disposition')).toContain('audit.csv');
    const rows = (await file.text()).trimEnd().split('\r\n');
    expect(rows).toHaveLength(6);
    expect(rows[0]).toBe('at,action,name,keyId,edition,itemId,version,detail');
    expect(rows[1]).toContain(",'=1+1");
  });
});
