import type { IncomingMessage } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import proxyAddr from 'proxy-addr';

export type Trust = (address: string, hop: number) => boolean;

/** Parses a trust setting: empty (nobody), a number of hops, or addresses and CIDRs. Throws on anything else. */
export function parseTrust(setting: string): Trust {
  if (setting === '') return () => false;
  if (/^\d{1,2}$/.test(setting)) return (_address, hop) => hop < Number(setting);
  return proxyAddr.compile(setting.split(',').map((part) => part.trim()));
}

/** Who a request counts for: the client's IPv4 address, or its IPv6 /64; `gone` for all whose connection has been reset meanwhile. */
export function clientKey(request: IncomingMessage, trust: Trust): string {
  // The published type leaves out that the system names no address of a connection that has been reset.
  const address: string | undefined = proxyAddr(request, trust);
  return address === undefined ? 'gone' : keyOf(address);
}

/** The same of a connection on which nothing has been asked yet; null for one of a trusted proxy, which has many clients. */
export function peerKey({ remoteAddress }: Socket, trust: Trust): string | null {
  if (remoteAddress === undefined) return 'gone';
  return trust(remoteAddress, 0) ? null : keyOf(remoteAddress);
}

function keyOf(address: string): string {
  if (!isIPv6(address)) return address.slice(0, 64);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? network(address);
}

function network(address: string): string {
  const [before = '', after] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail].slice(0, 4).join(':');
}
