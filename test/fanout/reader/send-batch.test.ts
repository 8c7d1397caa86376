import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { type BatchMember, type SendAll, SendBatch } from '../../../src/fanout/reader/send-batch.ts';
import { SocketTransport } from '../../../src/fanout/reader/socket-transport.ts';
import { systemClock } from '../../../src/fanout/scheduling/clock.ts';
import { nativePart, whyNoNativePart } from '../../resources/native-part.ts';
import { fdOf, openTcpPair, type TcpPair } from '../../resources/tcp-pair.ts';
import { lineFraming } from '../edition-resource.ts';

const first = Buffer.from('first.');
const second = Buffer.from('second.');

class TestTransport extends SocketTransport {
  readonly framing = lineFraming;
  readonly address = 'here';

  get signsOfLife(): number {
    return this.bytesWritten;
  }

  protected endWith(_code: number, reason: string): void {
    this.socket.end(reason);
  }

  protected destroy(): void {
    this.socket.destroy();
  }

  protected onNoProgress(): void {}
}

/** A batch within a slice. `calls` has the descriptors that the native part was called with. */
function openBatch() {
  const calls: (readonly number[])[] = [];
  const faults: unknown[] = [];
  const counters = { nativeWrites: 0 };
  const setup = { isFaulty: false };
  const sendAll: SendAll = (fds, count, bytes, outcomes) => {
    calls.push([...fds.subarray(0, count)]);
    if (setup.isFaulty || !nativePart) throw new Error('a defect');
    return nativePart(fds, count, bytes, outcomes);
  };
  const batch = new SendBatch(sendAll, counters, (error) => faults.push(error));
  batch.begin();
  const transportOf = ({ served }: Pick<TcpPair, 'served'>) =>
    new TestTransport(served, { clock: systemClock, noProgressMs: 60_000, batch });
  return { batch, calls, faults, counters, setup, transportOf };
}

/** Fills what the kernel holds for a connection. Returns the number of bytes. */
function fill({ served }: TcpPair): number {
  const bytes = Buffer.alloc(2 ** 20, '-');
  const outcomes = new Int32Array(1);
  let sum = 0;
  for (;;) {
    nativePart?.(Int32Array.of(fdOf(served)), 1, bytes, outcomes);
    const [taken = -1] = outcomes;
    if (taken < 0) return sum;
    sum += taken;
  }
}

/** Bytes that libuv holds for a socket. */
function heldBy(socket: Socket): number | undefined {
  return (socket as unknown as { readonly _handle: { readonly writeQueueSize: number } | null })._handle
    ?.writeQueueSize;
}

describe.skipIf(nativePart === null)(`the batch of a slice${whyNoNativePart}`, () => {
  test('connections with the same bytes share a call, and other bytes begin another one', async () => {
    await using one = await openTcpPair();
    await using other = await openTcpPair();
    const { batch, calls, counters, transportOf } = openBatch();
    const [a, b] = [transportOf(one), transportOf(other)];
    a.write(first);
    b.write(first);
    expect(calls).toEqual([]);
    a.write(second);
    expect(calls).toEqual([[fdOf(one.served), fdOf(other.served)]]);
    b.write(second);
    batch.end();
    expect(calls).toHaveLength(2);
    expect(counters.nativeWrites).toBe(4);
    expect([a.isBusy, b.isBusy]).toEqual([false, false]);
    for (const { received } of [one, other]) expect(String(await received(13))).toBe('first.second.');
    expect([a.signsOfLife, b.signsOfLife]).toEqual([13, 13]);
  });

  test('a batch is sent when 64 connections are in it, and Node writes outside of a slice', async () => {
    await using pair = await openTcpPair();
    const { batch, calls, transportOf } = openBatch();
    const others = Array.from({ length: 63 }, () => ({ served: new Socket() })).map(transportOf);
    for (const transport of others) transport.write(first);
    expect(calls).toEqual([]);
    const last = transportOf(pair);
    last.write(first);
    expect(calls).toHaveLength(1);
    batch.end();
    last.write(second);
    expect(last.isBusy).toBe(false);
    expect(calls).toHaveLength(1);
    expect(String(await pair.received(13))).toBe('first.second.');
  });

  test('a question to one connection sends what is collected', async () => {
    await using pair = await openTcpPair();
    const { calls, transportOf } = openBatch();
    const transport = transportOf(pair);
    transport.write(first);
    expect(transport.isBusy).toBe(false);
    expect(calls).toHaveLength(1);
  });

  test('a frame that is collected leaves before its connection is closed, or ended', async () => {
    await using closed = await openTcpPair();
    await using ended = await openTcpPair();
    const { transportOf } = openBatch();
    const [a, b] = [transportOf(closed), transportOf(ended)];
    a.write(first);
    b.write(first);
    a.close(4200, 'bye');
    b.terminate();
    expect(String(await closed.received(9))).toBe('first.bye');
    expect(String(await ended.received(6))).toBe('first.');
  });

  test('a socket that is destroyed in between gets nothing, and neither does the next file with its number', async () => {
    await using gone = await openTcpPair();
    await using other = await openTcpPair();
    const { batch, calls, transportOf } = openBatch();
    const [a, b] = [transportOf(gone), transportOf(other)];
    const fd = fdOf(gone.served);
    a.write(first);
    b.write(first);
    gone.served.destroy();
    const files = Array.from({ length: 4 }, () => openSync('/dev/null', 'w'));
    batch.end();
    for (const file of files) closeSync(file);
    expect(files).toContain(fd);
    expect(calls).toEqual([[-1, fdOf(other.served)]]);
    expect(a.isBusy).toBe(false);
    expect(String(await other.received(6))).toBe('first.');
  });

  test('writes within the sending of a batch are a batch of their own, and change no outcome of the first', async () => {
    await using one = await openTcpPair();
    await using other = await openTcpPair();
    await using third = await openTcpPair();
    await using full = await openTcpPair();
    const filled = fill(full);
    const { batch, calls, transportOf } = openBatch();
    const [a, b, c, d] = [transportOf(one), transportOf(other), transportOf(full), transportOf(third)];
    const reentrant: BatchMember = {
      idleHandle: null,
      taken: () => undefined,
      terminate: () => undefined,
      goOn: () => {
        for (const transport of [a, b, d]) transport.write(second);
        batch.flush();
      },
    };
    a.write(first);
    batch.add(reentrant, first);
    c.write(first);
    b.write(first);
    batch.flush();
    expect(calls).toHaveLength(2);
    for (const { received } of [one, other]) expect(String(await received(13))).toBe('first.second.');
    expect(String(await third.received(7))).toBe('second.');
    expect(c.isBusy).toBe(true);
    expect(String((await full.received(filled + 6)).subarray(filled))).toBe('first.');
  });

  test('Node ends a connection that its client has reset, and the others get the frame', async () => {
    await using reset = await openTcpPair();
    await using other = await openTcpPair();
    const { batch, transportOf } = openBatch();
    const [a, b] = [transportOf(reset), transportOf(other)];
    reset.client.resetAndDestroy();
    let frames = 0;
    // The kernel may hear of the reset a moment later.
    while (!reset.served.destroyed) {
      if (!a.isBusy) a.write(first);
      b.write(first);
      frames++;
      batch.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(a.isBusy).toBe(false);
    expect(String(await other.received(6 * frames))).toBe('first.'.repeat(frames));
  });

  test('a full socket is busy until its client reads, and then gets the frame', async () => {
    await using pair = await openTcpPair();
    const filled = fill(pair);
    const { batch, transportOf } = openBatch();
    const transport = transportOf(pair);
    transport.write(first);
    batch.end();
    expect(transport.isBusy).toBe(true);
    const flushed = new Promise<void>((resolve) => transport.whenFlushed(resolve));
    expect(String((await pair.received(filled + 6)).subarray(filled))).toBe('first.');
    await flushed;
    expect(transport.isBusy).toBe(false);
    expect(transport.signsOfLife).toBe(6);
  });

  test('Node sends the rest of a frame of which a socket takes a part', async () => {
    await using pair = await openTcpPair();
    const { batch, transportOf } = openBatch();
    const transport = transportOf(pair);
    const large = Buffer.alloc(16 * 2 ** 20, 'abcdefghijk');
    transport.write(large);
    batch.end();
    expect(transport.isBusy).toBe(true);
    const flushed = new Promise<void>((resolve) => transport.whenFlushed(resolve));
    expect((await pair.received(large.length)).equals(large)).toBe(true);
    await flushed;
    expect(transport.signsOfLife).toBe(large.length);
  });

  test('a frame goes behind what waits in the stream', async () => {
    await using pair = await openTcpPair();
    const filled = fill(pair);
    pair.served.write('waits.');
    const { batch, calls, transportOf } = openBatch();
    transportOf(pair).write(first);
    batch.end();
    expect(calls).toEqual([[-1]]);
    expect(String((await pair.received(filled + 12)).subarray(filled))).toBe('waits.first.');
  });

  test('bytes that libuv holds belong to a write of the stream or of the transport', async () => {
    await using pair = await openTcpPair();
    await using other = await openTcpPair();
    const [filled] = [fill(pair), fill(other)];
    const { batch, transportOf } = openBatch();
    const transport = transportOf(other);
    expect([heldBy(pair.served), pair.served.writableLength]).toEqual([0, 0]);
    pair.served.write('waits.');
    transport.write(first);
    batch.end();
    expect([heldBy(pair.served), pair.served.writableLength]).toEqual([6, 6]);
    expect([heldBy(other.served), transport.isBusy]).toEqual([6, true]);
    const flushed = new Promise<void>((resolve) => transport.whenFlushed(resolve));
    await Promise.all([pair.received(filled + 6), flushed, other.received(1)]);
    // The client has bytes before this process hears that they have left.
    while (pair.served.writableLength > 0) await new Promise((resolve) => setImmediate(resolve));
    expect([heldBy(pair.served), heldBy(other.served), transport.isBusy]).toEqual([0, 0, false]);
  });

  test('a socket that is ending, or is TLS, has no descriptor for the native part', async () => {
    await using pair = await openTcpPair();
    await using encrypted = await openTcpPair();
    const { transportOf } = openBatch();
    expect(transportOf(pair).idleHandle?.fd).toBe(fdOf(pair.served));
    pair.served.end();
    expect(transportOf(pair).idleHandle).toBeNull();
    const served = new TLSSocket(encrypted.served, { isServer: true });
    expect(fdOf(served)).toBeGreaterThan(-1);
    expect(transportOf({ served }).idleHandle).toBeNull();
    served.destroy();
  });

  test('if the native part throws, Node writes the frames and the fault is told', async () => {
    await using pair = await openTcpPair();
    const { batch, faults, setup, transportOf } = openBatch();
    setup.isFaulty = true;
    const transport = transportOf(pair);
    transport.write(first);
    batch.end();
    expect(faults).toHaveLength(1);
    expect(transport.isBusy).toBe(false);
    expect(String(await pair.received(6))).toBe('first.');
  });
});
