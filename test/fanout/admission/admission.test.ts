import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { clientKey, parseTrust, settleScheme } from '../../../src/fanout/admission/client-address.ts';
import { retryWindow } from '../../../src/fanout/admission/retry-window.ts';
import { TokenBucket } from '../../../src/fanout/scheduling/token-bucket.ts';
import { HandClock } from '../sweep-model.ts';

function requestFrom(address: string | undefined, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: address });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
}

describe('client of a connection', () => {
  test.each([
    ['', '198.51.100.7', '192.0.2.1', '198.51.100.7'],
    ['1', '198.51.100.7', '192.0.2.1', '192.0.2.1'],
    ['1', '198.51.100.7', '203.0.113.9, 192.0.2.1', '192.0.2.1'],
    ['198.51.100.0/24, 10.0.0.0/8', '198.51.100.7', '192.0.2.1', '192.0.2.1'],
    ['10.0.0.0/8', '198.51.100.7', '192.0.2.1', '198.51.100.7'],
    ['', '::ffff:192.0.2.1', undefined, '192.0.2.1'],
    ['', '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2'],
    ['', '2001:db8::9', undefined, '2001:db8:0:0'],
    ['', undefined, undefined, 'gone'],
    ['1', undefined, undefined, 'gone'],
    ['10.0.0.0/8', undefined, '192.0.2.1', 'gone'],
    ['1', '198.51.100.7', '203.0.113.9:1001', '203.0.113.9'],
    ['1', '198.51.100.7', '203.0.113.9:1002', '203.0.113.9'],
    ['1', '198.51.100.7', 'forged, "203.0.113.9:1003" ,, ', '203.0.113.9'],
    ['1', '198.51.100.7', '[2001:db8:1:2::9]:443', '2001:db8:1:2'],
    ['1', '198.51.100.7', '"[2001:DB8:0001:2::10]"', '2001:db8:1:2'],
    ['1', '198.51.100.7', '2001:db8:1:2:3:4:5:6:443', '2001:db8:1:2'],
    ['1', '198.51.100.7', '::ffff:cb00:7109', '203.0.113.9'],
    ['1', '198.51.100.7', '[::FFFF:203.0.113.9]:80', '203.0.113.9'],
    ['1', '198.51.100.7', '0:0:0:0:0:ffff:cb00:7109', '203.0.113.9'],
    ['', '::ffff:cb00:7109', undefined, '203.0.113.9'],
    ['', 'fe80::1%eth0', undefined, 'fe80:0:0:0'],
    ['10.0.0.0/8', '10.0.0.1', '203.0.113.9:1001, 10.0.0.2:2002', '203.0.113.9'],
    ['2', '10.0.0.1', '192.0.2.1, 203.0.113.9:1001, 10.0.0.2:2002', '203.0.113.9'],
    ['1', '198.51.100.7', 'unknown', '198.51.100.7'],
    ['1', '198.51.100.7', '192.0.2.1, _hidden', '198.51.100.7'],
    ['2', '198.51.100.7', '192.0.2.1, 999.1.1.1:80', '198.51.100.7'],
  ])(
    'with the trust setting "%s", a connection from %s with X-Forwarded-For %s counts for %s',
    (trust, address, forwarded, expected) => {
      expect(clientKey(requestFrom(address, forwarded), parseTrust(trust))).toBe(expected);
    },
  );

  test.each([
    ['1', 'https', 'https'],
    ['1', ' HTTPS , http', 'https'],
    ['1', 'wss', 'https'],
    ['1', 'ws', 'http'],
    ['1', 'http', 'http'],
    ['198.51.100.0/24', 'https', 'https'],
    ['', 'https', undefined],
    ['10.0.0.0/8', 'https', undefined],
    ['1', 'https://evil.example', undefined],
    ['1', 'javascript', undefined],
    ['1', '', undefined],
    ['1', undefined, undefined],
  ])('with the trust setting "%s", X-Forwarded-Proto %s becomes %s', (trust, header, scheme) => {
    const request = requestFrom('198.51.100.7');
    if (header !== undefined) request.headers['x-forwarded-proto'] = header;
    settleScheme(request, parseTrust(trust));
    expect(request.headers['x-forwarded-proto']).toBe(scheme);
  });

  test('a trust setting that is not an address throws', () => {
    expect(() => parseTrust('everybody')).toThrow();
  });
});

describe('admission', () => {
  test('the token bucket admits a burst, then its rate', () => {
    const clock = new HandClock();
    const bucket = new TokenBucket(clock, 100);
    const taken = () => Array.from({ length: 100 }, () => bucket.take()).filter(Boolean).length;
    expect(taken()).toBe(25);
    clock.time += bucket.waitMs;
    expect(taken()).toBe(1);
    clock.time += 100;
    expect(taken()).toBe(10);
  });

  test('RW-5: the reconnect window is as long as it takes to admit all readers again', () => {
    expect([0, 10_000, 1_000_000].map((connections) => retryWindow(connections, 2_000).withinMs)).toEqual([
      1_000, 6_500, 60_000,
    ]);
  });
});
