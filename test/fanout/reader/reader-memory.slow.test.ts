import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { SilentConnections } from '../../../src/ops/silent-connections.ts';
import { serveFanout, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

const warmUp = 500;
const measured = 1_500;
/** Node keeps as many parsers as it has used at once. */
const step = 50;

/** Clients in a process of their own, so that only the server's side of a connection is measured. */
const clients = `
const { connect } = require('node:net');
const [port, request] = [Number(process.argv[1]), process.argv[2]];
process.stdin.on('data', (text) => {
  for (let left = Number(text); left > 0; left--) connect(port, '127.0.0.1').resume().on('error', () => {}).write(request);
});
`;

const requests = {
  'an event stream':
    'GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nUser-Agent: x\r\n\r\n',
  'a WebSocket':
    'GET /v1/feed?edition=en HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQEBAQEBAQEBAQEBAQEBAQ==\r\n\r\n',
} as const;

/** Bytes on and off the heap of V8, after all garbage is collected. Sockets of the system are not part of it. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let round = 0; round < 3; round++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test.each([
  ['an event stream', 2_150],
  ['a WebSocket', 3_150],
] as const)('a reader over %s holds at most %i bytes of memory', async (transport, most) => {
  const log = new MemoryLog();
  log.publish('a', facets());
  await using server = await serveFanout(log, { acceptRate: 100_000 });
  const silent = new SilentConnections(10_000, () => 'one address');
  server.server.on('connection', (socket) => silent.enter(socket));
  server.server.prependListener('upgrade', (request) => silent.leave(request.socket));
  server.server.prependListener('request', (request) => silent.leave(request.socket));
  const child = spawn(process.execPath, ['-e', clients, String(server.port), requests[transport]], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const connect = async (count: number) => {
    const all = server.fanout.stats().connections + count;
    for (let open = all - count + step; open <= all; open += step) {
      child.stdin.write(`${step}\n`);
      await until(() => server.fanout.stats().connections === open, 'the readers');
    }
  };
  try {
    await connect(warmUp);
    const perReader: number[] = [];
    // The lower of two: what an earlier test leaves behind may still be on its way out.
    for (let round = 0; round < 2; round++) {
      const before = heldBytes();
      await connect(measured);
      perReader.push((heldBytes() - before) / measured);
    }
    expect(Math.min(...perReader)).toBeLessThan(most);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});
