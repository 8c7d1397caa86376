import { createHash, createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { topic } from '../readers/dialect.ts';
import type { Peer, PeerStart } from './peer.ts';
import { findProgram, programVersion, startService } from './program.ts';
import type { PublishRequest } from './publisher.ts';

const app = { id: 'bench', key: 'bench-key', secret: 'bench-secret' };

/** Sockudo on one machine, with the protocol of Pusher that its clients speak. */
export const sockudo: Peer = {
  name: 'sockudo',
  label: 'Sockudo (Rust)',
  hasLog: false,
  ways: 'both',
  version: () => programVersion('sockudo', ['--version']),
  missing: () =>
    findProgram('sockudo') === null
      ? 'sockudo (cargo install sockudo --locked, which needs protoc: apt install protobuf-compiler libprotobuf-dev)'
      : null,
  async start(options) {
    const port = await freePort();
    const file = join(options.folder, 'sockudo.json');
    await writeFile(file, JSON.stringify(configuration(options, port)));
    return startService(
      {
        name: 'sockudo',
        command: findProgram('sockudo') ?? 'sockudo',
        args: ['--config', file],
        port,
        path: `/app/${app.key}?protocol=7&client=bench&version=1`,
        dialect: 'pusher',
        publish: (text) => signed(JSON.stringify({ name: topic, channels: [topic], data: text })),
      },
      options,
    );
  },
};

/** What costs something and is not used is off: metrics, history, limits, webhooks. */
function configuration({ certificate }: PeerStart, port: number) {
  return {
    mode: 'production',
    host: '127.0.0.1',
    port,
    adapter: { driver: 'local' },
    cache: { driver: 'memory' },
    queue: { driver: 'memory' },
    rate_limiter: { enabled: false },
    metrics: { enabled: false },
    history: { enabled: false },
    idempotency: { enabled: false },
    ssl: {
      enabled: certificate !== null,
      cert_path: certificate?.cert ?? '',
      key_path: certificate?.key ?? '',
    },
    app_manager: {
      driver: 'memory',
      array: {
        apps: [
          {
            ...app,
            enabled: true,
            policy: { limits: { max_connections: 1_000_000, max_client_events_per_second: 1_000 } },
          },
        ],
      },
    },
  };
}

/** As Pusher's HTTP API wants it: a signature over the method, the path, and the other parameters in order. */
function signed(body: string): PublishRequest {
  const path = `/apps/${app.id}/events`;
  const query = [
    `auth_key=${app.key}`,
    `auth_timestamp=${Math.floor(Date.now() / 1_000)}`,
    'auth_version=1.0',
    `body_md5=${createHash('md5').update(body).digest('hex')}`,
  ].join('&');
  const signature = createHmac('sha256', app.secret).update(`POST\n${path}\n${query}`).digest('hex');
  return {
    path: `${path}?${query}&auth_signature=${signature}`,
    headers: { 'content-type': 'application/json' },
    body,
  };
}
