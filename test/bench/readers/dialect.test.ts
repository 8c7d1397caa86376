import { expect, test } from 'vitest';
import { payload } from '../../../bench/peers/payload.ts';
import { type DialectName, dialects, startSeq } from '../../../bench/readers/dialect.ts';
import { FrameCache } from '../../../bench/readers/frame-cache.ts';
import { parseFrame } from '../../../src/protocol/frame-parse.ts';

const first = payload(0, 1_000).text;
const second = payload(1, 1_005).text;

test('what every peer carries is a frame that Flashwire could have sent, one position after another', () => {
  expect(parseFrame(first)).toMatchObject({ type: 'item', seq: startSeq + 1, prev: startSeq });
  expect(parseFrame(second)).toMatchObject({ type: 'item', seq: startSeq + 2, prev: startSeq + 1 });
});

test('Flashwire and systems without an envelope carry a frame as it is', () => {
  expect(dialects.flashwire.unwrap(first)).toEqual([first]);
  expect(dialects.plain.unwrap(first)).toEqual([first]);
});

test('Socket.IO: the payload comes out of the event byte for byte, connecting is the answer, a ping is answered', () => {
  const { unwrap, hello } = dialects['socket-io'];
  expect(hello).toEqual(['40']);
  expect(unwrap('0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000}')).toEqual([]);
  expect(types('socket-io', '40{"sid":"b"}')).toEqual(['snapshot']);
  expect(unwrap(`42["flash",${first}]`)).toEqual([first]);
  expect(unwrap('42["other",{}]')).toBeNull();
  expect(decode('socket-io', '2')).toMatchObject([{ type: 'ping', reply: '3' }]);
});

test('NATS: one message may hold several of its own, and a ping is answered', () => {
  const { unwrap } = dialects.nats;
  expect(unwrap('INFO {"server_id":"a"}\r\n')).toEqual([]);
  expect(types('nats', 'PONG\r\n')).toEqual(['snapshot']);
  expect(unwrap(message(first) + message(second))).toEqual([first, second]);
  expect(types('nats', `${message(first)}PING\r\n${message(second)}`)).toEqual(['item', 'ping', 'item']);
  expect(decode('nats', 'PING\r\n')).toMatchObject([{ reply: 'PONG\r\n' }]);
});

test('NATS: a message that is cut anywhere but between two is not taken for a whole one', () => {
  const whole = message(first) + message(second);
  for (let cut = 1; cut < whole.length; cut++) {
    const frames = decode('nats', whole.slice(0, cut));
    if (cut === message(first).length) expect(frames).toHaveLength(1);
    else expect(frames).toBeNull();
  }
});

test('Centrifugo: one message may hold several lines, the answer to the subscription is the start, a ping is answered', () => {
  const { unwrap, hello } = dialects.centrifugo;
  expect(hello).toEqual(['{"id":1,"connect":{}}', '{"id":2,"subscribe":{"channel":"flash"}}']);
  expect(unwrap('{"id":1,"connect":{"client":"a","version":"6.9.1","ping":25,"pong":true}}')).toEqual([]);
  expect(types('centrifugo', '{"id":2,"subscribe":{}}')).toEqual(['snapshot']);
  const push = (data: string) => `{"push":{"channel":"flash","pub":{"data":${data}}}}`;
  expect(unwrap(`${push(first)}\n${push(second)}\n`)).toEqual([first, second]);
  expect(decode('centrifugo', '{}')).toMatchObject([{ type: 'ping', reply: '{}' }]);
  expect(unwrap('{"id":2,"error":{"code":103,"message":"permission denied"}}')).toBeNull();
});

test('Sockudo: the payload comes out of the text within the event, the subscription is the start, a ping is answered', () => {
  const { unwrap, hello } = dialects.pusher;
  expect(hello).toEqual(['{"event":"pusher:subscribe","data":{"channel":"flash"}}']);
  expect(unwrap('{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.2\\"}"}')).toEqual([]);
  const succeeded = '{"event":"pusher_internal:subscription_succeeded","data":"{}","channel":"flash"}';
  expect(types('pusher', succeeded)).toEqual(['snapshot']);
  expect(unwrap(JSON.stringify({ event: 'flash', channel: 'flash', data: first }))).toEqual([first]);
  expect(decode('pusher', '{"event":"pusher:ping","data":"{}"}')).toMatchObject([
    { reply: '{"event":"pusher:pong","data":{}}' },
  ]);
  expect(unwrap('{"event":"pusher:error","data":{"code":4001}}')).toBeNull();
  expect(unwrap('{"event":"fl')).toBeNull();
});

test('Mercure: an event carries a frame as it is, and its readers are ready with the answer', () => {
  const { unwrap, framing, opening } = dialects.mercure;
  expect(framing).toBe('events');
  expect(unwrap(first)).toEqual([first]);
  expect(JSON.parse(opening ?? '')).toMatchObject({ type: 'snapshot', seq: startSeq });
});

test('the envelope is taken off once for all readers', () => {
  const cache = new FrameCache(dialects['socket-io'].unwrap);
  const bytes = Buffer.from(`42["flash",${first}]`);
  expect(cache.decode(bytes, 0, bytes.length)).toBe(cache.decode(bytes, 0, bytes.length));
});

function message(text: string): string {
  return `MSG flash 1 ${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function decode(name: DialectName, text: string) {
  return new FrameCache(dialects[name].unwrap).decode(Buffer.from(text), 0, Buffer.byteLength(text));
}

function types(name: DialectName, text: string): readonly string[] | undefined {
  return decode(name, text)?.map((frame) => frame.type);
}
