import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { Attacker } from '../../../bench/attack/attacker.ts';
import { lanes } from '../../../bench/attack/lanes.ts';

const knowledge = { edition: 'en', epoch: 'abcdefgh', head: 500, shown: ['01A', '01B'], withdrawn: ['01C'] };

test('sixteen connections are as many attacks, each of which is made and counted, from the addresses that it is given', async () => {
  expect(lanes).toHaveLength(16);
  const asked = new Set<string>();
  const from = new Set<string>();
  const server = createServer((request, response) => {
    asked.add(request.url ?? '');
    from.add(request.socket.remoteAddress ?? '');
    response.writeHead(200, { 'Content-Length': 2 }).end('ok');
  });
  server.on('upgrade', (request, socket) => {
    asked.add(request.url ?? '');
    socket.on('error', () => socket.destroy());
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  let next = 0;
  const attackers = lanes
    .filter(({ type }) => type !== 'silent')
    .map((lane, seed) => {
      const nextAddress = () => `127.1.0.${1 + (next++ % 50)}`;
      // In turns, so that no lane takes the machine from another.
      const pace = { perSecond: 20, answerBytes: 2 };
      const options = { host: '127.0.0.1', port, knowledge, pace, seed, nextAddress, isSpread: true };
      return { lane, attacker: new Attacker(lane, options) };
    });
  const running = attackers.map(({ attacker }) => attacker.run());
  for (const { lane, attacker } of attackers)
    await expect.poll(() => attacker.tally.turns, { message: lane.name, timeout: 10_000 }).toBeGreaterThan(1);
  const parts = [':99999999', '&topic=', '/v1/feed/items/', '/item/01C', '?before=', '&wait=1', '/feeds/en.'];
  const missing = () => parts.filter((part) => ![...asked].some((path) => path.includes(part)));
  await expect.poll(missing).toEqual([]);
  for (const { attacker } of attackers) attacker.stop();
  await Promise.all(running);
  server.closeAllConnections();
  server.close();
  expect(from.size).toBeGreaterThan(1);
  expect(from).not.toContain('127.0.0.1');
});
