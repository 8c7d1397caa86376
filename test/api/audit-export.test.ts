import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { expect, test } from 'vitest';
import type { Principal } from '../../src/api/access/key-store.ts';
import { auditTrail } from '../../src/api/audit-trail.ts';
import { until } from '../resources/flashwire.ts';
import { site } from '../resources/site.ts';

const principal: Principal = { keyId: 'k1', name: 'Night desk', role: 'reporter', editions: ['en'], expiresAt: null };
const event = { at: 0, action: 'publish', keyId: 'k1', name: 'Night desk', detail: 'x'.repeat(1_000) };

const noItems = { item: async () => null, versions: async () => [] };

test('an unread export keeps at most two pages in memory, and stops with its connection', async () => {
  let pages = 0;
  const page = async () => {
    pages += 1;
    return { events: Array.from({ length: 1_000 }, () => event), ...(pages < 200 && { next: pages }) };
  };
  const app = express();
  app.use((_request, response, next) => {
    response.locals['principal'] = principal;
    next();
  });
  const audit = { page, note: async () => undefined };
  app.get('/v1/audit', auditTrail({ audit, log: noItems, site }));
  const failed: unknown[] = [];
  app.use(((error, _request, _response, next) => {
    failed.push(error);
    next(error);
  }) satisfies express.ErrorRequestHandler);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  using _ = { [Symbol.dispose]: () => void server.close() };
  const answered = once(server, 'request');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  socket.write('GET /v1/audit?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = (await answered) as [unknown, { writableLength: number; closed: boolean }];
  await until(() => pages >= 3, 5_000, 'some pages are read');
  await until(() => response.writableLength > 500_000 || pages === 200, 5_000, 'what is not read waits');
  const read = pages;
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(pages - read).toBeLessThanOrEqual(1);
  expect(response.writableLength).toBeLessThan(4_000_000);
  socket.destroy();
  await until(() => response.closed, 5_000, 'the answer is over');
  expect(pages).toBeLessThan(20);
  expect(failed).toEqual([]);
});
