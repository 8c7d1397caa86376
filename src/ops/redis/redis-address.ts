import { X509Certificate } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { createSecureContext } from 'node:tls';

export interface RedisPlace {
  readonly host: string;
  readonly port: number;
}

interface RedisLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** PEM texts. Without `ca`, Node's own list of authorities applies. */
interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

interface AnyAddress extends RedisLogin {
  /** Redis itself, the Sentinels, or some nodes of the cluster. */
  readonly places: readonly RedisPlace[];
  readonly db: number;
  /** Null: without TLS. */
  readonly tls: RedisTls | null;
}

interface SingleAddress extends AnyAddress {
  readonly kind: 'single';
}

export interface SentinelAddress extends AnyAddress {
  readonly kind: 'sentinel';
  /** What the Sentinels call this primary. */
  readonly name: string;
  /** For the Sentinels; the login of `AnyAddress` is for Redis itself. */
  readonly sentinelLogin: RedisLogin;
}

interface ClusterAddress extends AnyAddress {
  readonly kind: 'cluster';
}

/** Where Redis is and how to log in, from REDIS_URL and the variables beside it. */
export type RedisAddress = SingleAddress | SentinelAddress | ClusterAddress;

/** One primary holds every key. */
export type OneRedis = SingleAddress | SentinelAddress;

/** The variables of an address. */
interface RedisVariables {
  readonly REDIS_URL: string;
  readonly REDIS_SENTINEL_USERNAME?: string | undefined;
  readonly REDIS_SENTINEL_PASSWORD?: string | undefined;
  readonly REDIS_TLS_CA?: string | undefined;
  readonly REDIS_TLS_CERT?: string | undefined;
  readonly REDIS_TLS_KEY?: string | undefined;
}

/** Which variable is wrong and what to do, on one line, without a password. */
export class RedisAddressError extends Error {
  override readonly name = 'RedisAddressError';
}

const urlForm =
  'must be a URL such as redis://user:password@host:6379/0, redis-sentinel://host:26379,host:26379/0#name or redis-cluster://host:6379,host:6379, or begin with rediss for TLS';

/** Parses REDIS_URL with the variables beside it. Throws a RedisAddressError. */
export function parseRedisAddress(env: RedisVariables): RedisAddress {
  const [, secure, kind = 'single', rest = ''] =
    /^redis(s?)(?:-(sentinel|cluster))?:\/\/(.+)$/i.exec(env.REDIS_URL) ?? [];
  if (secure === undefined) throw urlError(urlForm);
  const [, authority = '', path = '', query, fragment] = /^([^/?#]*)([^?#]*)(\?[^#]*)?(?:#(.*))?$/s.exec(rest) ?? [];
  // `@` belongs between login and host only, so another one is part of a password.
  if (rest.slice(authority.length).includes('@') || authority.split('@').length > 2)
    throw urlError('has a user or password with one of # @ / ?: percent-encode them (%23 %40 %2F %3F)');
  if (query !== undefined) throw urlError('must not have a query');
  const at = authority.indexOf('@');
  const address = {
    ...loginOf(authority.slice(0, Math.max(at, 0))),
    places: placesOf(authority.slice(at + 1), kind),
    db: databaseOf(path),
    tls: tlsOf(env, secure !== ''),
  };
  if (kind === 'sentinel') return { ...address, kind, name: nameOf(fragment), sentinelLogin: sentinelLoginOf(env) };
  if (fragment !== undefined) throw urlError('must not have a # unless it begins with redis-sentinel://');
  if (env.REDIS_SENTINEL_USERNAME !== undefined || env.REDIS_SENTINEL_PASSWORD !== undefined)
    throw new RedisAddressError('REDIS_SENTINEL_PASSWORD: applies only if REDIS_URL begins with redis-sentinel://');
  if (kind === 'single') return { ...address, kind };
  if (address.db !== 0) throw urlError('must not have a number of a database: a cluster has database 0 only');
  return { ...address, kind: 'cluster' };
}

/** The options of ioredis for a login, which may not be there as `undefined`. */
export function loginOptions({ username, password }: RedisLogin): { username?: string; password?: string } {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

/** Hosts and ports, for messages. */
export function whereIs({ places }: RedisAddress): string {
  return places.map(({ host, port }) => `${isIPv6(host) ? `[${host}]` : host}:${port}`).join(',');
}

function urlError(why: string): RedisAddressError {
  return new RedisAddressError(`REDIS_URL: ${why}`);
}

/** A password may have further colons. */
function loginOf(text: string): RedisLogin {
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(text) ?? [];
  return { username: decoded(user), password: decoded(password) };
}

function decoded(text: string): string | undefined {
  try {
    return text === '' ? undefined : decodeURIComponent(text);
  } catch {
    throw urlError('has a user or password with a % that encodes nothing: write %25');
  }
}

const usualPorts: Readonly<Record<string, number>> = { single: 6_379, cluster: 6_379, sentinel: 26_379 };

function placesOf(text: string, kind: string): readonly RedisPlace[] {
  const places = text.split(',').map((place) => {
    const [, v6, name, port] = /^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(place) ?? [];
    const host = v6 ?? name;
    if (host === undefined || (v6 !== undefined && !isIPv6(v6)) || Number(port ?? 1) > 65_535 || port === '0')
      throw urlError(urlForm);
    return { host, port: Number(port ?? usualPorts[kind]) };
  });
  if (kind === 'single' && places.length > 1)
    throw urlError('has several hosts: begin it with redis-sentinel:// or redis-cluster://');
  return places;
}

function databaseOf(path: string): number {
  const [, digits] = /^\/?(\d{0,4})$/.exec(path) ?? [];
  if (digits === undefined) throw urlError('must end with the number of a database, or without a path');
  return Number(digits);
}

function nameOf(fragment: string | undefined): string {
  const name = decoded(fragment ?? '');
  if (name === undefined)
    throw urlError(
      'must end with # and the name that the Sentinels know, such as redis-sentinel://host:26379/0#mymaster',
    );
  return name;
}

function sentinelLoginOf({ REDIS_SENTINEL_USERNAME: username, REDIS_SENTINEL_PASSWORD: password }: RedisVariables) {
  if (username !== undefined && password === undefined)
    throw new RedisAddressError('REDIS_SENTINEL_USERNAME: set REDIS_SENTINEL_PASSWORD too');
  return { username, password };
}

function tlsOf({ REDIS_TLS_CA: ca, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key }: RedisVariables, isSecure: boolean) {
  const given = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  if (!isSecure) {
    if (Object.keys(given).length === 0) return null;
    throw urlError('must begin with rediss for TLS, because a variable REDIS_TLS_ is set');
  }
  if ((cert === undefined) !== (key === undefined))
    throw new RedisAddressError('REDIS_TLS_CERT: set REDIS_TLS_CERT and REDIS_TLS_KEY together');
  if (ca !== undefined) requireReadable('REDIS_TLS_CA', () => new X509Certificate(ca), 'must be certificates in PEM');
  if (cert !== undefined) {
    requireReadable('REDIS_TLS_CERT', () => new X509Certificate(cert), 'must be a certificate in PEM');
    requireReadable('REDIS_TLS_KEY', () => createSecureContext(given), 'must be the key of REDIS_TLS_CERT in PEM');
  }
  return given;
}

function requireReadable(variable: keyof RedisVariables, read: () => unknown, rule: string): void {
  try {
    read();
  } catch {
    throw new RedisAddressError(`${variable}: ${rule}`);
  }
}
