import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { DialectName } from './dialect.ts';

export const transports = ['websocket', 'sse', 'polls'] as const;
export type Transport = (typeof transports)[number];

/** Where readers connect to, worked out once for all of them. */
export interface ReaderTarget {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** host:port, for the Host header. */
  readonly authority: string;
  /** Path and query, without `since`. */
  readonly path: string;
  readonly handshakeKey: string;
  readonly dialect: DialectName;
}

/** `url` is the origin of a Flashwire (http or https); `query` narrows the feed: `section=politics`. */
export function readerTarget(
  url: string,
  edition: string,
  query: string,
  transport: Transport = 'websocket',
): ReaderTarget {
  const { path, dialect } = ways[transport];
  return targetAt(
    url,
    `/v1/feed${path}?edition=${encodeURIComponent(edition)}${query === '' ? '' : `&${query}`}`,
    dialect,
  );
}

const ways = {
  websocket: { path: '', dialect: 'flashwire' },
  sse: { path: '.sse', dialect: 'flashwire-events' },
  polls: { path: '.poll', dialect: 'flashwire-polls' },
} as const satisfies Readonly<Record<Transport, { readonly path: string; readonly dialect: DialectName }>>;

/** A WebSocket of any system: its origin, and path and query there. */
export function targetAt(url: string, path: string, dialect: DialectName): ReaderTarget {
  const { hostname, host, port, protocol } = new URL(url);
  const isSecure = protocol === 'https:' || protocol === 'wss:';
  return {
    host: hostname,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    isSecure,
    authority: host,
    path,
    handshakeKey: randomBytes(16).toString('base64'),
    dialect,
  };
}

/** Where a socket connects to, with the name that it asks for in TLS: an address has none. */
export function serverOf({ host, port }: Pick<ReaderTarget, 'host' | 'port'>) {
  return { host, port, servername: isIP(host) === 0 ? host : '' };
}

/**
 * Every address and path that readers of a run have; the nth reader takes the nth, round and round. `urls` are the origins
 * of the processes that serve one feed; with more than one filter each is a topic of its own: `topic=t0`, `topic=t1`.
 */
export function readerTargets(
  urls: readonly string[],
  edition: string,
  query: string,
  filters: number,
  transport: Transport = 'websocket',
): readonly ReaderTarget[] {
  return Array.from({ length: filters }, (_, i) => (filters === 1 ? query : withTopic(query, `t${i}`))).flatMap((one) =>
    urls.map((url) => readerTarget(url, edition, one, transport)),
  );
}

/**
 * The address that the nth reader connects from. On the loopback network each 1,500 readers get one of their own, or each 64
 * where there are more filters than one address may follow: under the shipped limits per address, and far from running out
 * of ports. Elsewhere the system chooses.
 */
export function sourceAddress(target: Pick<ReaderTarget, 'host'>, index: number, targets = 1): string | undefined {
  const isLoopback = target.host === 'localhost' || (isIP(target.host) === 4 && target.host.startsWith('127.'));
  if (!isLoopback) return undefined;
  const block = Math.floor(index / (targets > filtersPerAddress ? filtersPerAddress : readersPerAddress));
  return `127.0.${1 + Math.floor(block / 250)}.${1 + (block % 250)}`;
}

function withTopic(query: string, topic: string): string {
  return query === '' ? `topic=${topic}` : `${query}&topic=${topic}`;
}

const readersPerAddress = 1_500;
const filtersPerAddress = 64;
