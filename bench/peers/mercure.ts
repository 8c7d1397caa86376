import { createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { topic } from '../readers/dialect.ts';
import { originOf, type Peer, type PeerStart } from './peer.ts';
import { findProgram, goModuleVersion, startService } from './program.ts';

const issuer = 'https://bench.example';
const secret = 'a secret of the bench, of 32 bytes or more';
const hub = '/.well-known/mercure';

/** The hub of Mercure 1 without history, over server-sent events. */
export const mercure: Peer = {
  name: 'mercure',
  label: 'Mercure, server-sent events (Go)',
  hasLog: false,
  ways: 'both',
  version: () => goModuleVersion('mercure', 'github.com/dunglas/mercure'),
  missing: () =>
    findProgram('mercure') === null ? 'mercure 1 (a release, or go build ./mercure in its folder caddy)' : null,
  async start(options) {
    const port = await freePort();
    const origin = originOf(port, options);
    const file = join(options.folder, 'Caddyfile');
    await writeFile(file, configuration(options, origin));
    const token = publisherToken(`${origin}${hub}`);
    const env = { ...options.env, XDG_DATA_HOME: options.folder, XDG_CONFIG_HOME: options.folder };
    return startService(
      {
        name: 'mercure',
        command: findProgram('mercure') ?? 'mercure',
        args: ['run', '--config', file, '--adapter', 'caddyfile'],
        port,
        path: `${hub}?match=${topic}`,
        dialect: 'mercure',
        publish: (text) => ({
          path: hub,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ topic, data: text }).toString(),
        }),
      },
      { ...options, env },
    );
  },
};

/** Readers stay for the whole round, so the hub may not end their connections. */
function configuration({ certificate }: PeerStart, origin: string): string {
  return `{
  admin off
  persist_config off
  auto_https off
  log {
    level WARN
  }
}
${origin} {
  ${certificate === null ? '' : `tls ${certificate.cert} ${certificate.key}`}
  mercure {
    issuer ${issuer} {
      publisher {
        jwt "${secret}"
      }
    }
    resource_identifier ${origin}${hub}
    anonymous
    transport local
    write_timeout 0s
  }
}
`;
}

/** An access token of RFC 9068, as the hub wants it of publishers. */
function publisherToken(audience: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: issuer,
    aud: audience,
    sub: issuer,
    client_id: issuer,
    iat: now,
    exp: now + 86_400,
    jti: 'bench',
    authorization_details: [
      { type: 'https://mercure.rocks/authorization-detail', actions: ['publish'], topics: [{ match: '*' }] },
    ],
  };
  const signed = `${part({ alg: 'HS256', typ: 'at+jwt' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
