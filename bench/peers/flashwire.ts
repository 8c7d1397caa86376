import { existsSync } from 'node:fs';
import type { Clock } from '../process/clock.ts';
import { readerTarget } from '../readers/reader-target.ts';
import { postItem } from '../run/poster.ts';
import { startCaddy } from '../target/caddy.ts';
import type { Certificate } from '../target/certificate.ts';
import { nginxProgram, startNginx } from '../target/nginx.ts';
import { type SystemUnderTest, startLocalSystem } from '../target/server.ts';
import type { Peer, PeerStart } from './peer.ts';
import { findProgram } from './program.ts';

/** The whole path: POST, queue, log, fan-out. Its CPU is that of the fan-out process. */
export function flashwire(clock: Clock): Peer {
  return {
    name: 'flashwire',
    label: 'Flashwire, from POST to socket',
    hasLog: true,
    ways: 'plain',
    missing: () => null,
    start: (options) => startBehind(options, clock, null),
  };
}

/** The same where Node writes every frame. */
export function flashwireWithoutNative(clock: Clock): Peer {
  return {
    ...flashwire(clock),
    name: 'flashwire-node',
    label: 'Flashwire without its native part',
    isByNameOnly: true,
    start: (options) => startBehind({ ...options, env: { ...options.env, FLASHWIRE_NATIVE: 'off' } }, clock, null),
  };
}

/** The same behind a proxy that ends TLS, whose CPU and memory count too. Flashwire itself has no TLS. */
export function flashwireBehindProxies(clock: Clock): readonly Peer[] {
  const behind = (name: string, label: string, missing: Peer['missing'], startProxy: StartProxy): Peer => ({
    name,
    label,
    hasLog: true,
    ways: 'tls',
    missing,
    start: (options) => startBehind(options, clock, startProxy),
  });
  return [
    behind(
      'flashwire-nginx',
      'Flashwire behind nginx',
      () => (existsSync(nginxProgram) ? null : 'nginx'),
      async ({ apiPort, feedPort }, certificate) => {
        const ports = { 'fanout-1': feedPort, 'fanout-2': feedPort, api: apiPort };
        const nginx = await startNginx(ports, '', 'auto', undefined, certificate);
        return { ...nginx, port: nginx.securePort ?? 0 };
      },
    ),
    behind(
      'flashwire-caddy',
      'Flashwire behind Caddy',
      () => (findProgram('caddy') === null ? 'caddy' : null),
      ({ feedPort }, certificate, { folder, env }) =>
        startCaddy(findProgram('caddy') ?? 'caddy', folder, env, feedPort, certificate),
    ),
  ];
}

type StartProxy = (
  ports: { readonly apiPort: number; readonly feedPort: number },
  certificate: Certificate,
  options: PeerStart,
) => Promise<AsyncDisposable & { readonly port: number; readonly pid: number }>;

async function startBehind(options: PeerStart, clock: Clock, startProxy: StartProxy | null) {
  const { env, certificate } = options;
  const system = await startLocalSystem({ env, acceptRate: 20_000, isLimited: false, fanoutProcesses: 1 });
  try {
    const ports = { apiPort: portOf(system.apiUrl), feedPort: portOf(system.feedUrl) };
    const proxy = startProxy === null || certificate === null ? null : await startProxy(ports, certificate, options);
    return {
      // Beats as the SDK asks for them on a desktop.
      target: readerTarget(proxy === null ? system.feedUrl : `https://127.0.0.1:${proxy.port}`, 'en', 'beat=50'),
      pids: [...system.fanoutPids, ...(proxy === null ? [] : [proxy.pid])],
      publish: publisherOf(system, clock),
      async [Symbol.asyncDispose]() {
        await proxy?.[Symbol.asyncDispose]();
        await system[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await system[Symbol.asyncDispose]();
    throw error;
  }
}

function publisherOf({ apiUrl, key }: SystemUnderTest, clock: Clock) {
  const deps = { apiUrl, key, edition: 'en', expireAfterMs: null, clock };
  const plan = { items: 60, perSecond: null, inFlight: 1 };
  return async (index: number, dueAt: number) => (await postItem(deps, plan, index, dueAt)).id;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
