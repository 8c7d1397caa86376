import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { frameWays, rawReader, TestReader, textFrames, until } from '../../resources/fanout-server.ts';
import { facets, MemoryLog } from '../../resources/memory-log.ts';

describe.each(frameWays)('WebSocket feed %s', (_way, serve) => {
  test('WS-1, FR-1: a WebSocket starts with a snapshot and continues with items in order', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log, { beatMs: 20_000 });
    using reader = new TestReader(server.port, 'edition=en');
    const snapshot = await reader.frame('snapshot');
    expect(snapshot).toMatchObject({
      epoch: 'epochone',
      seq: 1,
      more: false,
      reason: 'start',
      beatMs: 20_000,
      stale: false,
    });
    expect(snapshot.items.map((item) => item.id)).toEqual(['a']);
    log.publish('b', facets());
    log.correct('a', facets());
    expect(await reader.frame('item', 1)).toMatchObject({
      seq: 3,
      prev: 2,
      change: 'corrected',
      item: { id: 'a', version: 2 },
    });
    expect(reader.seqs).toEqual([2, 3]);
  });

  test('FR-2, FR-3, FR-4, RM-1: a filtered client gets a removal for an item that moves out, and prev skips entries that it was not sent', async () => {
    const log = new MemoryLog();
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en&section=politics');
    await reader.frame('snapshot');
    log.publish('a', facets(['politics']));
    log.publish('b', facets(['sports']));
    log.correct('a', facets(['sports']));
    const removal = await reader.frame('removal');
    expect(removal).toEqual({
      type: 'removal',
      seq: 3,
      hash: log.hashAt(3),
      prev: 1,
      id: 'a',
      version: 2,
      reason: 'moved',
    });
  });

  test('GE-1: frames have no null, and times are in UTC with milliseconds', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    log.correct('a', facets());
    log.publish('b', facets());
    log.retract('a', 'A line was withdrawn.');
    log.withhold('b');
    await reader.frame('removal', 1);
    const text = JSON.stringify(reader.frames);
    expect(text).not.toContain('null');
    const times = [...text.matchAll(/"\w+At":"([^"]*)"/g)].map(([, time]) => time);
    expect(times.length).toBeGreaterThan(3);
    for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('RS-1, RS-2, PO-9: a resume brings exactly the missed entries', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en&since=epochone:1');
    expect(await reader.frame('resumed')).toMatchObject({ epoch: 'epochone', seq: 1, missed: 2 });
    await reader.frame('item', 1);
    expect(reader.seqs).toEqual([2, 3]);
    expect(reader.frames.filter((frame) => frame.type === 'snapshot')).toEqual([]);
  });

  test('the first item of an edition reaches clients that connected before it', async () => {
    const log = new MemoryLog();
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en');
    expect(await reader.frame('snapshot')).toMatchObject({ epoch: 'epochone', seq: 0 });
    log.publish('a', facets());
    expect(await reader.frame('item')).toMatchObject({ seq: 1, prev: 0 });
    expect(reader.frames).toHaveLength(2);
  });

  test('a current client resumes, also from an empty log', async () => {
    await using server = await serve(new MemoryLog());
    using reader = new TestReader(server.port, 'edition=en&since=epochone:0');
    expect(await reader.frame('resumed')).toMatchObject({ seq: 0, missed: 0 });
  });

  test.each([
    ['unreadable', 'nonsense', 'start'],
    ['of another epoch', 'otherone:1', 'epoch'],
    ['off the ring', 'epochone:1', 'gap'],
  ])('PO-4, PO-5, PO-6, SN-3: a since that is %s gets a snapshot', async (_name, since, reason) => {
    const log = new MemoryLog();
    for (let index = 0; index < 20; index++) log.publish(`i${index}`, facets());
    await using server = await serve(log, { replica: { items: 100, entries: 10 } });
    using reader = new TestReader(server.port, `edition=en&since=${since}`);
    expect(await reader.frame('snapshot')).toMatchObject({ seq: 20, reason });
  });

  test.each([
    ['at the head', 3, 0],
    ['behind it', 2, 0],
    ['ahead of this process, once it has got there', 4, 1],
  ])('PO-7, PO-11: a client of rewritten history gets a snapshot: %s', async (_, seq, later) => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serve(log);
    using reader = new TestReader(server.port, `edition=en&since=epochone:${seq}:00000000`);
    if (later > 0) await reader.frame('resumed');
    if (later > 0) log.publish('d', facets());
    expect(await reader.frame('snapshot')).toMatchObject({ reason: 'epoch', seq: 3 + later });
  });

  test('PO-10: a client resumes with the right hash, and without one', async () => {
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serve(log);
    for (const hash of [`:${log.hashAt(2)}`, '', ':not-a-hash']) {
      using reader = new TestReader(server.port, `edition=en&since=epochone:2${hash}`);
      expect(await reader.frame('resumed')).toMatchObject({ seq: 2, missed: 1, hash: log.hashAt(2) });
    }
  });

  test('PO-8: a client ahead of the process keeps its position and gets no entry until the head passes it', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en&since=epochone:3');
    expect(await reader.frame('resumed')).toMatchObject({ seq: 3, missed: 0 });
    for (const id of ['b', 'c', 'd']) log.publish(id, facets());
    expect(await reader.frame('item')).toMatchObject({ seq: 4, prev: 3 });
    expect(reader.seqs).toEqual([4]);
  });

  test('WS-4, BT-1: clients get beats and pings, and one without a sign of life is cut', async () => {
    const log = new MemoryLog();
    await using server = await serve(log, { beatMs: 200 });
    using alive = new TestReader(server.port, 'edition=en');
    using silent = new TestReader(server.port, 'edition=en', { autoPong: false });
    expect(await alive.frame('beat', 3)).toEqual({
      type: 'beat',
      seq: 0,
      prev: 0,
      stale: false,
      retry: { afterMs: 0, withinMs: 1_000 },
    });
    expect(alive.pings).toBeGreaterThan(2);
    expect(await silent.closed()).toBe(4102);
    expect(alive.closeCode).toBeNull();
    expect(server.fanout.stats().counters.cutBy[4102]).toBe(1);
  });

  test('BT-4: a client that asks for beat=50 is told its interval by every greeting', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log, { beatMs: 20_000 });
    const beatMs = async (query: string) => {
      using reader = new TestReader(server.port, `edition=en${query}`);
      await until(() => reader.frames.length > 0, 'the greeting');
      return reader.frames[0];
    };
    expect(await beatMs('&beat=50')).toMatchObject({ type: 'snapshot', beatMs: 50_000 });
    expect(await beatMs('&beat=50&since=epochone:1')).toMatchObject({ type: 'resumed', beatMs: 50_000 });
    expect(await beatMs('&since=epochone:1')).toMatchObject({ type: 'resumed', beatMs: 20_000 });
    for (const query of ['', '&beat=20', '&beat=500', '&beat='])
      expect(await beatMs(query)).toMatchObject({ type: 'snapshot', beatMs: 20_000 });
    using reader = new TestReader(server.port, 'edition=en&beat=50');
    await reader.frame('snapshot');
    log.replace('epochtwo');
    log.publish('b', facets());
    expect(await reader.frame('snapshot', 1)).toMatchObject({ reason: 'epoch', beatMs: 50_000 });
  });

  test('BT-1, BT-2: all clients get a beat when the log becomes unreachable, and when it is back', async () => {
    const log = new MemoryLog();
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    log.lose();
    expect(await reader.frame('beat')).toMatchObject({ stale: true });
    log.publish('missed', facets());
    using joiner = new TestReader(server.port, 'edition=en');
    expect(await joiner.frame('snapshot')).toMatchObject({ stale: true });
    log.comeBack();
    expect(await reader.frame('beat', 1)).toMatchObject({ stale: false });
    await until(() => reader.seqs.length === 1, 'the missed item');
  });

  test('every client gets a snapshot when the log was replaced', async () => {
    const log = new MemoryLog();
    log.publish('a', facets());
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    log.replace('epochtwo');
    log.publish('b', facets());
    expect(await reader.frame('snapshot', 1)).toMatchObject({ epoch: 'epochtwo', seq: 1, reason: 'epoch' });
  });

  test('entries whose messages are lost arrive within two seconds', async () => {
    const log = new MemoryLog();
    await using server = await serve(log);
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    log.isDeaf = true;
    log.publish('a', facets());
    expect(await reader.frame('item')).toMatchObject({ seq: 1 });
  });

  test('WS-5, WS-6: a client that sends binary, too much or a malformed frame is closed, and no other client', async () => {
    await using server = await serve(new MemoryLog());
    using other = new TestReader(server.port, 'edition=en');
    using binary = new TestReader(server.port, 'edition=en');
    using chatty = new TestReader(server.port, 'edition=en');
    using large = new TestReader(server.port, 'edition=en');
    await Promise.all([other, binary, chatty, large].map((reader) => reader.frame('snapshot')));
    binary.socket.send(Buffer.from([1, 2, 3]));
    for (let index = 0; index < 11; index++) chatty.socket.send('hello');
    large.socket.send('x'.repeat(5_000));
    expect([await binary.closed(), await chatty.closed(), await large.closed()]).toEqual([1003, 4103, 1009]);
    const malformed = await rawReader(server.port, 'edition=en');
    const received: Buffer[] = [];
    malformed.on('data', (chunk) => received.push(chunk));
    await until(() => textFrames(Buffer.concat(received)).length >= 1, 'a snapshot');
    malformed.write(Buffer.from([0x81, 0x01, 0x41]));
    await until(() => Buffer.concat(received).includes(Buffer.from([0x88, 0x02, 0x03, 0xea])), 'close 1002');
    malformed.destroy();
    expect(other.closeCode).toBeNull();
    other.socket.send('still here');
    await until(() => server.fanout.stats().connections === 1, 'the others are gone');
  });

  test('WS-2: the server echoes the sub-protocol if the client offers it', async () => {
    await using server = await serve(new MemoryLog());
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/v1/feed?edition=en`, ['other', 'flashwire.v1']);
    await new Promise((resolve) => socket.once('open', resolve));
    expect(socket.protocol).toBe('flashwire.v1');
    socket.terminate();
  });

  test.each([
    ['a bad query', 'edition=nowhere&limit=7', {}, 400],
    ['an edition that needs a key', 'edition=vip', {}, 400],
    ['a foreign origin', 'edition=en', { origin: 'https://elsewhere.example' }, 403],
  ])('WS-3: %s is refused before the handshake', async (_name, query, options, status) => {
    await using server = await serve(new MemoryLog(), { allowedOrigins: 'https://here.example' });
    using reader = new TestReader(server.port, query, options);
    await until(() => reader.refusedWith !== null, 'a refusal');
    expect(reader.refusedWith).toBe(status);
  });

  test('WS-3: the limit of connections counts the address that trusted proxies report', async () => {
    await using server = await serve(new MemoryLog(), { maxConnectionsPerAddress: 1, trustProxy: '1' });
    const from = (address: string) =>
      new TestReader(server.port, 'edition=en', { headers: { 'X-Forwarded-For': address } });
    using first = from('192.0.2.1');
    using other = from('192.0.2.2');
    await Promise.all([first.frame('snapshot'), other.frame('snapshot')]);
    using second = from('192.0.2.1');
    await until(() => second.refusedWith !== null, 'a refusal');
    expect(second.refusedWith).toBe(429);
    first.socket.close();
    await until(() => server.fanout.stats().connections === 1, 'the first has left');
    using third = from('192.0.2.1');
    await third.frame('snapshot');
  });

  test('WS-3: a drain announces a window, closes with 4200 and refuses new clients', async () => {
    await using server = await serve(new MemoryLog());
    using reader = new TestReader(server.port, 'edition=en');
    await reader.frame('snapshot');
    const drained = server.fanout.drain(5_000);
    expect(await reader.frame('reconnect')).toMatchObject({ afterMs: 500 });
    using late = new TestReader(server.port, 'edition=en');
    expect(await reader.closed()).toBe(4200);
    await drained;
    expect(server.fanout.isReady()).toBe(false);
    await until(() => late.refusedWith === 503, 'a refusal');
  });
});
