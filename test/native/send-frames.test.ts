import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nativePart, whyNoNativePart } from '../resources/native-part.ts';
import { fdOf, openTcpPair } from '../resources/tcp-pair.ts';

const { EAGAIN, EBADF, ECONNRESET, ENOTSOCK, EPIPE } = constants.errno;
const frame = Buffer.from('a frame');

/** What sendAll answers for these descriptors. */
function send(fds: readonly number[], bytes = frame) {
  const outcomes = new Int32Array(64);
  const whole = nativePart?.(Int32Array.from(fds), fds.length, bytes, outcomes);
  return { whole, outcomes: [...outcomes.subarray(0, fds.length)] };
}

describe.skipIf(nativePart === null)(`sendAll${whyNoNativePart}`, () => {
  test('sendAll sends the bytes to every socket and answers how many took all', async () => {
    await using one = await openTcpPair();
    await using other = await openTcpPair();
    expect(send([fdOf(one.served), -1, fdOf(other.served)])).toEqual({
      whole: 2,
      outcomes: [frame.length, -EBADF, frame.length],
    });
    for (const { received } of [one, other]) expect(String(await received(frame.length))).toBe('a frame');
  });

  test('a socket takes what it has room for, then EAGAIN is its outcome', async () => {
    await using pair = await openTcpPair();
    await using other = await openTcpPair();
    const large = Buffer.alloc(16 * 2 ** 20);
    const { whole, outcomes } = send([fdOf(pair.served)], large);
    expect(whole).toBe(0);
    expect(outcomes[0]).toBeGreaterThan(0);
    expect(outcomes[0]).toBeLessThan(large.length);
    // The kernel may move some of it to the client meanwhile.
    let last = 0;
    while (last >= 0) [last = 0] = send([fdOf(pair.served)], large).outcomes;
    expect(last).toBe(-EAGAIN);
    expect(send([fdOf(pair.served), fdOf(other.served)])).toMatchObject({ whole: 1, outcomes: [-EAGAIN, 7] });
  });

  test('a connection that its client has reset is an outcome, not a signal', async () => {
    await using pair = await openTcpPair();
    pair.client.resetAndDestroy();
    let last = 0;
    while (last >= 0) [last = 0] = send([fdOf(pair.served)]).outcomes;
    expect([-ECONNRESET, -EPIPE]).toContain(last);
    expect(send([fdOf(pair.served)]).outcomes).toEqual([-EPIPE]);
  });

  test('a descriptor that is no socket, or is closed, gets no byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flashwire-fd-'));
    const file = join(folder, 'file');
    const fd = openSync(file, 'w');
    expect(send([fd]).outcomes).toEqual([-ENOTSOCK]);
    closeSync(fd);
    expect(readFileSync(file)).toHaveLength(0);
    rmSync(folder, { recursive: true });
    expect(send([2 ** 30]).outcomes).toEqual([-EBADF]);
  });

  test('64 sockets are the most, and wrong arguments throw before anything is sent', async () => {
    await using pair = await openTcpPair();
    const call = nativePart as unknown as (...args: readonly unknown[]) => unknown;
    const fds = new Int32Array(64).fill(fdOf(pair.served));
    const outcomes = new Int32Array(64).fill(1);
    const detached = new Int32Array(64);
    structuredClone(detached, { transfer: [detached.buffer] });
    const wrong: readonly (readonly unknown[])[] = [
      [],
      [fds, 1, frame],
      [[1], 1, frame, outcomes],
      [new Float64Array(64), 1, frame, outcomes],
      [fds, '1', frame, outcomes],
      [fds, 65, frame, outcomes],
      [new Int32Array(128), 65, frame, new Int32Array(128)],
      [fds, -1, frame, outcomes],
      [fds.subarray(0, 2), 3, frame, outcomes],
      [fds, 3, frame, outcomes.subarray(0, 2)],
      [fds, 1, 'a frame', outcomes],
      [fds, 1, new DataView(frame.buffer), outcomes],
      [fds, 1, Buffer.alloc(0), outcomes],
      [fds, 1, frame, new Uint32Array(64)],
      [detached, 1, frame, outcomes],
      [fds, 1, frame, detached],
    ];
    for (const [i, args] of wrong.entries()) expect(() => call(...args), `arguments ${i}`).toThrow(/sendAll/);
    expect(new Set(outcomes)).toEqual(new Set([1]));
    expect(send(Array.from({ length: 64 }, () => fdOf(pair.served))).whole).toBe(64);
    expect(await pair.received(64 * frame.length)).toHaveLength(64 * frame.length);
  });
});
