import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { topic } from '../readers/dialect.ts';
import { targetAt } from '../readers/reader-target.ts';
import { payload } from './payload.ts';
import { originOf, type Peer } from './peer.ts';
import { findProgram, programVersion, startChild } from './program.ts';

/** NATS with its WebSocket listener, else as shipped. */
export const nats: Peer = {
  name: 'nats',
  label: 'NATS WebSocket (Go)',
  hasLog: false,
  ways: 'both',
  version: () => programVersion('nats-server', ['--version']),
  missing: () => (findProgram('nats-server') === null ? 'nats-server' : null),
  async start(options) {
    const { folder, certificate } = options;
    const [port, webSocketPort] = [await freePort(), await freePort()];
    const file = join(folder, 'nats.conf');
    const tls =
      certificate === null
        ? 'no_tls: true'
        : `tls { cert_file: "${certificate.cert}", key_file: "${certificate.key}" }`;
    await writeFile(
      file,
      `listen: "127.0.0.1:${port}"\nmax_connections: 19500\nwebsocket { listen: "127.0.0.1:${webSocketPort}", ${tls}, compression: false }\n`,
    );
    const command = findProgram('nats-server') ?? 'nats-server';
    const child = await startChild({ name: 'nats', command }, ['-c', file], webSocketPort, options);
    try {
      const publisher = connect(port, '127.0.0.1');
      publisher.on('error', () => undefined);
      publisher.resume();
      await once(publisher, 'connect');
      publisher.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
      return {
        target: targetAt(originOf(webSocketPort, options), '/', 'nats'),
        pids: [child.pid],
        publish: async (index, dueAt) => {
          const { id, text } = payload(index, dueAt);
          publisher.write(`PUB ${topic} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
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
