import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { topic } from '../readers/dialect.ts';
import type { Peer, PeerStart } from './peer.ts';
import { findProgram, goModuleVersion, programVersion, startService } from './program.ts';

const key = 'bench';

/** Centrifugo 6 with its memory engine and its JSON protocol over WebSocket. */
export const centrifugo: Peer = {
  name: 'centrifugo',
  label: 'Centrifugo (Go)',
  hasLog: false,
  ways: 'both',
  version: () =>
    goModuleVersion('centrifugo', 'github.com/centrifugal/centrifugo/v6') || programVersion('centrifugo', ['version']),
  missing: () =>
    findProgram('centrifugo') === null
      ? 'centrifugo (go install github.com/centrifugal/centrifugo/v6@latest, with $(go env GOPATH)/bin on the PATH)'
      : null,
  async start(options) {
    const port = await freePort();
    const file = join(options.folder, 'centrifugo.json');
    await writeFile(file, JSON.stringify(configuration(options, port)));
    return startService(
      {
        name: 'centrifugo',
        command: findProgram('centrifugo') ?? 'centrifugo',
        args: ['--config', file],
        port,
        path: '/connection/websocket',
        dialect: 'centrifugo',
        publish: (text) => ({
          path: '/api/publish',
          headers: { 'x-api-key': key, 'content-type': 'application/json' },
          body: `{"channel":"${topic}","data":${text}}`,
        }),
      },
      options,
    );
  },
};

function configuration({ certificate }: PeerStart, port: number) {
  return {
    http_server: {
      address: '127.0.0.1',
      port: String(port),
      ...(certificate !== null && { tls: { enabled: true, cert_pem: certificate.cert, key_pem: certificate.key } }),
    },
    http_api: { key },
    client: { allow_anonymous_connect_without_token: true },
    channel: { without_namespace: { allow_subscribe_for_client: true, allow_subscribe_for_anonymous: true } },
    // What its documentation on WebSocket says against memory; a message fits into the buffer.
    websocket: { read_buffer_size: 512, write_buffer_size: 1_024, use_write_buffer_pool: true },
    log: { level: 'warn' },
  };
}
