import { describe, expect, test } from 'vitest';
import { dialects } from '../../bench/dialect.ts';

const frame = '{"type":"item","seq":1,"prev":0}';

describe('the envelope of another system', () => {
  test('Socket.IO: what is its own affair carries nothing, an event carries a frame', () => {
    const { unwrap } = dialects['socket-io'];
    expect(unwrap('0{"sid":"a"}')).toEqual([]);
    expect(unwrap('40{"sid":"b"}')).toEqual([expect.stringContaining('"seq":0')]);
    expect(unwrap(`42${JSON.stringify(['flash', frame])}`)).toEqual([frame]);
    expect(unwrap('42["other","text"]')).toBeNull();
    expect(unwrap('hello')).toBeNull();
  });

  test('NATS: one message may hold several lines of its protocol', () => {
    const { unwrap } = dialects.nats;
    const message = `MSG flash 1 ${frame.length}\r\n${frame}\r\n`;
    expect(unwrap(`INFO {}\r\nPONG\r\n`)).toEqual([expect.stringContaining('"seq":0')]);
    expect(unwrap(message + message)).toEqual([frame, frame]);
    expect(unwrap(message.slice(0, -4))).toBeNull();
    expect(unwrap('-ERR bad\r\n')).toBeNull();
  });
});
