// Calls the native part that the command line names with arguments of every kind, and with real sockets.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';

const { sendAll } = createRequire(import.meta.url)(process.argv[2]);
const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
await once(server, 'listening');
const clients = [];
const fds = [];
for (let n = 0; n < 64; n++) {
  const client = connect(server.address().port, '127.0.0.1');
  const [[served]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  for (const socket of [client, served]) socket.on('error', () => undefined);
  clients.push(client);
  fds.push(served._handle.fd);
}

let seed = 1;
/** A whole number below `bound`, the same in every run. */
function below(bound) {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return Math.floor((seed / 2 ** 31) * bound);
}

const lengths = [0, 1, 2, 63, 64, 65, 128];
const pick = (values) => values[below(values.length)];
const some = {
  fds: () =>
    pick([
      () => Int32Array.from({ length: pick(lengths) }, () => pick([...fds, -1, -(2 ** 31), 2 ** 31 - 1])),
      () => Int32Array.from(fds),
      () => new Uint8Array(256),
      () => null,
      () => fds,
    ])(),
  count: () => pick([0, 1, 63, 64, 65, 2 ** 31, 2 ** 32 - 1, -1, 1.5, Number.NaN, '3', undefined]),
  bytes: () =>
    pick([
      () => Buffer.from('a frame'),
      () => Buffer.alloc(pick([0, 1, 1_024, 65_536]), 'x'),
      () => new Int32Array(4),
      () => 'a frame',
      () => new Uint8Array(new SharedArrayBuffer(16)),
    ])(),
  outcomes: () =>
    pick([() => new Int32Array(pick(lengths)), () => new Int32Array(64), () => new Float32Array(64), () => ({})])(),
};

let called = 0;
let refused = 0;
for (let n = 0; n < 20_000; n++) {
  if (n % 1_000 === 999) clients.pop()?.resetAndDestroy();
  try {
    sendAll(some.fds(), some.count(), some.bytes(), some.outcomes());
    called++;
  } catch {
    refused++;
  }
}
// The longest arrays that are allowed, and one element too few.
sendAll(Int32Array.from(fds), 64, Buffer.from('a frame'), new Int32Array(64));
try {
  sendAll(new Int32Array(63), 64, Buffer.from('a frame'), new Int32Array(64));
} catch {
  refused++;
}
console.log(JSON.stringify({ called, refused }));
process.exit(0);
