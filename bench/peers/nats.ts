import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Child, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { natsSubject } from '../readers/dialect.ts';
import { targetAt } from '../readers/reader-target.ts';
import { payload } from './payload.ts';
import type { Peer } from './peer.ts';
import { findProgram } from './program.ts';

/** NATS with its WebSocket listener, else as shipped. */
export const nats: Peer = {
  name: 'nats',
  label: 'NATS WebSocket (Go)',
  hasLog: false,
  missing: () => (findProgram('nats-server') === null ? 'nats-server' : null),
  async start({ env, folder }) {
    const [port, webSocketPort] = [await freePort(), await freePort()];
    const file = join(folder, 'nats.conf');
    await writeFile(
      file,
      `listen: "127.0.0.1:${port}"\nmax_connections: 19500\nwebsocket { listen: "127.0.0.1:${webSocketPort}", no_tls: true, compression: false }\n`,
    );
    const child = new Child('nats', findProgram('nats-server') ?? 'nats-server', ['-c', file], { cwd: folder, env });
    try {
      await child.ready(() => isListening(webSocketPort));
      const publisher = connect(port, '127.0.0.1');
      publisher.on('error', () => undefined);
      publisher.resume();
      await once(publisher, 'connect');
      publisher.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
      return {
        target: targetAt(`http://127.0.0.1:${webSocketPort}`, '/', 'nats'),
        pid: child.pid,
        publish: async (index, dueAt) => {
          const { id, text } = payload(index, dueAt);
          publisher.write(`PUB ${natsSubject} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
          return id;
        },
        async [Symbol.asyncDispose]() {
          publisher.destroy();
          await child.stop();
        },
      };
    } catch (error) {
      await child.stop();
      throw error;
    }
  },
};
