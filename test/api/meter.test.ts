import { readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, inject, test } from 'vitest';
import { createApiMetrics } from '../../src/ops/metrics/api.ts';
import { problemTypes } from '../../src/protocol/problem.ts';
import { desk, testKey } from '../resources/flashwire.ts';
import { connect, startRedis } from '../resources/redis-server.ts';
import { startApi } from './start-api.ts';

function openMeter() {
  const { metrics, meter } = createApiMetrics(['read', 'accepted', ...Object.keys(problemTypes)], () => 0);
  const registry = new Registry();
  for (const metric of metrics) registry.registerMetric(metric);
  const values = async () =>
    Object.fromEntries(
      (await registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith('flashwire_') && !line.endsWith(' 0'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  return { meter, values };
}

test('the API counts outcomes of requests, failed authentications and sign-ins', async () => {
  const { meter, values } = openMeter();
  await using open = await startApi(inject('redisUrl'), { meter });
  const { url } = open;
  const item = { edition: 'en', headline: 'Counted' };
  await desk(url, 'POST', '/v1/items', item);
  await desk(url, 'POST', '/v1/items', { ...item, nonsense: 1 });
  await desk(url, 'GET', '/v1/items');
  await desk(url, 'GET', '/v1/items', undefined, { authorization: 'Bearer wrong' });
  await fetch(`${url}/v1/items`, { headers: { cookie: 'fw_session=wrong' } });
  await fetch(`${url}/v1/items`);
  for (const key of [testKey, 'wrong'])
    await fetch(`${url}/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    });
  expect(await values()).toMatchObject({
    'flashwire_desk_requests_total{outcome="accepted"}': 2, // the item and the sign-in
    'flashwire_desk_requests_total{outcome="invalid"}': 1,
    'flashwire_desk_requests_total{outcome="read"}': 1,
    'flashwire_desk_requests_total{outcome="unauthorized"}': 4,
    'flashwire_authentication_failures_total{proof="key"}': 1,
    'flashwire_authentication_failures_total{proof="session"}': 1,
    'flashwire_authentication_failures_total{proof="sign-in"}': 1,
    flashwire_sign_ins_total: 1,
    flashwire_accept_seconds_count: 1,
  });
});

test('every failed key is counted, also with status 429, and the alert is below the limit of one address', async () => {
  const { meter, values } = openMeter();
  await using open = await startApi(inject('redisUrl'), { meter, wrongKeysPerMinute: 2 });
  const wrong = { authorization: `Bearer ${testKey}x` };
  const statuses: number[] = [];
  for (let tries = 0; tries < 6; tries++) {
    const { status } = await desk(open.url, 'GET', '/v1/items', undefined, wrong);
    statuses.push(status, (await desk(open.url, 'POST', '/v1/session', { key: `${testKey}x` })).status);
  }
  expect(statuses).toEqual([401, 401, ...Array(10).fill(429)]);
  expect(await values()).toMatchObject({
    'flashwire_authentication_failures_total{proof="key"}': 6,
    'flashwire_authentication_failures_total{proof="sign-in"}': 6,
  });
  const rules = readFileSync(new URL('../../deploy/prometheus-rules.yml', import.meta.url), 'utf8');
  const [, aSecond] = /authentication_failures_total\[5m\]\)\) > ([\d.]+)/.exec(rules) ?? [];
  expect(Number(aSecond)).toBeLessThan(60 / 60);
});

test('a request that Redis prevents is counted as unavailable', async () => {
  const { meter, values } = openMeter();
  await using redis = await startRedis();
  await using open = await startApi(redis.url, { meter, workers: false });
  {
    using other = connect(redis.url);
    await other.redis.config('SET', 'maxmemory', '1');
  }
  const { status } = await desk(open.url, 'POST', '/v1/items', { edition: 'en', headline: 'No room' });
  expect(status).toBe(503);
  expect(await values()).toMatchObject({ 'flashwire_desk_requests_total{outcome="unavailable"}': 1 });
});
