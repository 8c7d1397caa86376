import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6, type Socket } from 'node:net';
import proxyAddr from 'proxy-addr';

/** Whether to trust a proxy at this address, `hop` steps from this process. */
export type Trust = (address: string, hop: number) => boolean;

/** Parses a trust setting: empty (no proxy), a number of hops, or addresses and CIDRs. Throws on anything else. */
export function parseTrust(setting: string): Trust {
  if (setting === '') return () => false;
  if (/^\d{1,2}$/.test(setting)) return (_address, hop) => hop < Number(setting);
  const parts = setting.split(',').map((part) => part.trim());
  // proxy-addr reads 100 as 0.0.0.100.
  if (parts.some((part) => /^\d+$/.test(part)))
    throw new TypeError('a number of hops has to be the whole value, and below 100');
  return proxyAddr.compile(parts);
}

/** The client that a request counts for: its IPv4 address, or its IPv6 /64. `gone` for connections that have been reset. */
export function clientKey(request: IncomingMessage, trust: Trust): string {
  // The system has no address for a connection that has been reset.
  let address = request.socket.remoteAddress;
  if (address === undefined) return 'gone';
  for (const [hop, text] of forwardedFor(request).entries()) {
    if (!trust(address, hop)) break;
    const named = addressIn(text);
    // A client that a trusted proxy does not name (`unknown`) counts for the proxy. Entries further left can be forged.
    if (named === null) break;
    address = named;
  }
  return keyOf(address);
}

/** The client of a connection before its first request. Null for the connection of a trusted proxy, which has many clients. */
export function peerKey({ remoteAddress }: Socket, trust: Trust): string | null {
  if (remoteAddress === undefined) return 'gone';
  return trust(remoteAddress, 0) ? null : keyOf(remoteAddress);
}

/**
 * Removes `X-Forwarded-Proto` unless a trusted proxy has set it, and reduces it to `http` or `https`: the scheme between client
 * and proxy. Afterwards the header can be trusted.
 */
export function settleScheme(request: IncomingMessage, trust: Trust): void {
  const { headers, socket } = request;
  const forwarded = headers['x-forwarded-proto'];
  if (forwarded === undefined) return;
  delete headers['x-forwarded-proto'];
  if (socket.remoteAddress === undefined || !trust(socket.remoteAddress, 0)) return;
  // Several proxies may each have added a value. The first is the client's.
  const scheme = /^\s*(?:http|ws)(s?)\s*(?:,|$)/i.exec(String(forwarded));
  if (scheme) headers['x-forwarded-proto'] = scheme[1] ? 'https' : 'http';
}

/** The addresses that proxies have added, nearest first. */
function forwardedFor({ headers }: IncomingMessage): readonly string[] {
  const header = headers['x-forwarded-for'];
  if (header === undefined) return [];
  return String(header)
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .reverse();
}

/** The address in a value from a proxy, which may add a port, brackets or quotes. Null when there is none. */
function addressIn(text: string): string | null {
  const bare = /^"(.*)"$/.exec(text)?.[1] ?? text;
  const address = /^\[([^\]]*)\](?::\w*)?$/.exec(bare)?.[1] ?? bare;
  if (isIP(address) !== 0) return address;
  const withoutPort = address.replace(/:\d{1,5}$/, '');
  return isIP(withoutPort) === 0 ? null : withoutPort;
}

function keyOf(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped)
    return groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':');
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** The eight groups of an IPv6 address, whose last four octets may be in decimal. */
function groupsOf(address: string): readonly number[] {
  const plain = (address.split('%')[0] ?? '').replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_all, a, b, c, d) => `${hex(a, b)}:${hex(c, d)}`,
  );
  const [before = '', after] = plain.split('::');
  const numbers = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [numbers(before), numbers(after ?? '')];
  return after === undefined ? head : [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function hex(high: string, low: string): string {
  return (Number(high) * 256 + Number(low)).toString(16);
}
