import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { serveMetrics } from '../../../src/ops/metrics/metrics.ts';

/** Where it listens, as it logs it. */
async function serve(host: string): Promise<{ readonly port: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  await serveMetrics({ host, port: 0 }, () => Promise.resolve('flashwire_up 1\n'), logger);
  return { port: Number(/"metricsPort":(\d+)/.exec(lines[0] ?? '')?.[1] ?? 0), lines };
}

async function statusOf(port: number, address: string, host: string, path = '/metrics'): Promise<number | undefined> {
  const [response] = (await once(get({ host: address, port, path, headers: { host }, agent: false }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  return response.statusCode;
}

test('metrics are served at the configured address only', async () => {
  const { port } = await serve('127.0.0.2');
  expect(await statusOf(port, '127.0.0.2', `127.0.0.2:${port}`)).toBe(200);
  await expect(statusOf(port, '127.0.0.1', '127.0.0.1')).rejects.toThrow('ECONNREFUSED');
});

test.each([
  ['127.0.0.1', 200],
  ['localhost:9464', 200],
  ['[::1]:9464', 200],
  ['rebound.evil.example', 421],
  ['rebound.evil.example:9464', 421],
  ['127.0.0.1.evil.example', 421],
])('on loopback a request with Host %s gets %i', async (host, status) => {
  const { port } = await serve('127.0.0.1');
  expect(await statusOf(port, '127.0.0.1', host)).toBe(status);
});

test('a query of the scraper is ignored', async () => {
  const { port } = await serve('127.0.0.1');
  expect(await statusOf(port, '127.0.0.1', 'localhost', '/metrics?format=prometheus')).toBe(200);
});

test('on another address every Host is answered', async () => {
  const { port } = await serve('0.0.0.0');
  expect(await statusOf(port, '127.0.0.1', 'fanout-1:9464')).toBe(200);
});

test('without a usable address the process runs without metrics and logs it', async () => {
  const { lines } = await serve('203.0.113.1');
  expect(lines.join('')).toContain(
    'metrics not served: FLASHWIRE_METRICS_HOST and FLASHWIRE_METRICS_PORT cannot be opened',
  );
});
