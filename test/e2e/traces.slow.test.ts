import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import { traceIdOf } from '../../src/ops/traces.ts';
import { TestReader } from '../resources/fanout-server.ts';
import { desk, type Running, startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

const spanLine = z.object({
  span: z.object({
    name: z.string(),
    traceId: z.string(),
    attributes: z.record(z.string(), z.unknown()),
    startTime: z.tuple([z.number(), z.number()]),
    endTime: z.tuple([z.number(), z.number()]),
    links: z.array(z.object({ context: z.object({ traceId: z.string() }) })),
  }),
});
type Span = z.infer<typeof spanLine>['span'];

const spansOf = ({ output }: Running): readonly Span[] =>
  output.filter((line) => line.startsWith('{"span"')).map((line) => spanLine.parse(JSON.parse(line)).span);
const secondsOf = ([seconds, nanos]: Span['startTime']) => seconds + nanos / 1e9;

/** A site of three processes. */
async function startSite(stack: ResourceStack, env: Readonly<Record<string, string>>) {
  const all = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix(), LOG_LEVEL: 'info', ...env };
  const [api, worker, fanout] = await Promise.all(
    ['api', 'worker', 'fanout'].map(async (role) => stack.use(await startFlashwire(role, all))),
  );
  if (!api || !worker || !fanout) throw new Error('a role has not started');
  return { api, worker, fanout };
}

test('an item is one trace through every process, in eight spans, however many readers it has', async () => {
  await using stack = new ResourceStack();
  const sdk = { NODE_OPTIONS: `--import ${resolve('test/resources/span-lines.mjs')}` };
  const { api, worker, fanout } = await startSite(stack, sdk);
  const readers = Array.from({ length: 20 }, () => new TestReader(Number(new URL(fanout.url).port), 'edition=en'));
  await Promise.all(readers.map((reader) => reader.frame('snapshot')));
  const theirs = '4bf92f3577b34da6a3ce929d0e0e4736';
  const posted = await desk(
    api.url,
    'POST',
    '/v1/items',
    { edition: 'en', headline: 'First' },
    { prefer: 'wait=5', traceparent: `00-${theirs}-00f067aa0ba902b7-01` },
  );
  expect(posted.status, JSON.stringify(posted.body)).toBe(201);
  const commandId = String(posted.body['statusUrl']).split('/').at(-1) ?? '';
  const traceId = traceIdOf(commandId);
  const spans = () => [api, worker, fanout].flatMap(spansOf).filter((span) => span.traceId === traceId);
  await until(() => spans().length >= 8, 10_000, 'every step is recorded');
  const names = ['post', 'accept', 'job', 'wait', 'append', 'follow', 'sweep', 'write'];
  expect(
    spans()
      .map(({ name }) => name.replace('flashwire.', ''))
      .sort(),
  ).toEqual(names.toSorted());
  for (const { name, attributes, startTime, endTime } of spans()) {
    expect(attributes['flashwire.command'], name).toBe(commandId);
    // All processes record Redis' clock, whatever the clocks of their hosts say.
    expect(secondsOf(endTime), name).toBeGreaterThanOrEqual(secondsOf(startTime));
    expect(Math.abs(secondsOf(startTime) - Date.now() / 1_000), name).toBeLessThan(60);
  }
  expect(spans().find(({ name }) => name.endsWith('write'))?.attributes).toMatchObject({ 'flashwire.readers': 20 });
  expect(spans().find(({ name }) => name.endsWith('post'))?.links).toMatchObject([{ context: { traceId: theirs } }]);
  // Canaries go the same way all the time, and are no news.
  expect([api, worker, fanout].flatMap(spansOf).filter((span) => span.traceId !== traceId)).toEqual([]);
  const port = /"metricsPort":(\d+)/.exec(api.output.join('\n'))?.[1];
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('application/openmetrics-text');
  expect(await metrics.text()).toMatch(new RegExp(`flashwire_accept_seconds_bucket.* # \\{trace_id="${traceId}"\\}`));
});

test('a log line about a command has the id of its trace', () => {
  const program = `
    import { createLogger } from './dist/src/ops/logger.js';
    createLogger('info', 'worker').info({ commandId: 'c_1', edition: 'en' }, 'command refused');
    createLogger('info', 'worker').info({ edition: 'en' }, 'listening');
  `;
  const args = ['--import', resolve('test/resources/span-lines.mjs'), '--input-type=module', '-e', program];
  const lines = spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { traceId?: string }).traceId)).toEqual([
    traceIdOf('c_1'),
    undefined,
  ]);
});

test('without an SDK nothing is recorded, metrics have their usual form, and a POST costs no call of the tracing API', async () => {
  await using stack = new ResourceStack();
  const counted = { NODE_OPTIONS: `--import ${resolve('test/resources/trace-calls.mjs')}` };
  const { api, worker, fanout } = await startSite(stack, counted);
  const calls = () =>
    [api, worker, fanout].map(({ output }) => output.filter((line) => line.startsWith('{"traceCall"')).length);
  const atStart = calls();
  // Each process looks once whether there is an SDK.
  expect(Math.min(...atStart)).toBeGreaterThan(0);
  const headers = { prefer: 'wait=5', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  for (const headline of ['First', 'Second', 'Third']) {
    const posted = await desk(api.url, 'POST', '/v1/items', { edition: 'en', headline }, headers);
    expect(posted.status, JSON.stringify(posted.body)).toBe(201);
  }
  expect(calls()).toEqual(atStart);
  const port = /"metricsPort":(\d+)/.exec(api.output.join('\n'))?.[1];
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await metrics.text()).not.toContain('trace_id');
});
