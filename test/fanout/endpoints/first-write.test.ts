import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { rawReader, serveFanout, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

/** Counts the writes of a socket to the system. */
function countWrites(socket: Socket): { writes: number } {
  const counted = { writes: 0 };
  const { _write, _writev } = socket;
  socket._write = (...args) => {
    counted.writes++;
    _write.apply(socket, args);
  };
  socket._writev = (...args) => {
    counted.writes++;
    _writev?.apply(socket, args);
  };
  return counted;
}

test.each([
  ['a WebSocket', (port: number) => rawReader(port, 'edition=en')],
  [
    'an event stream',
    async (port: number) => {
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /v1/feed.sse?edition=en HTTP/1.1\r\nHost: x\r\n\r\n');
      return socket;
    },
  ],
])(
  'the head of the answer to %s and the first frame leave in one write, and each entry in one more',
  async (_name, open) => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serveFanout(log, {}, { sendAll: null });
    const counts: { writes: number }[] = [];
    server.server.on('connection', (socket) => counts.push(countWrites(socket)));
    const socket = await open(server.port);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    await until(() => /"type":"snapshot".*"stale":false/.test(text), 'the snapshot');
    expect(text).toMatch(/^HTTP\/1\.1 (101|200) /);
    expect(counts).toEqual([{ writes: 1 }]);
    log.publish('b', facets());
    await until(() => text.includes('headline of b'), 'the entry');
    expect(counts).toEqual([{ writes: 2 }]);
    socket.destroy();
  },
);
