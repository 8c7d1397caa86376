import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../process/clock.ts';
import type { Arrivals } from './arrivals.ts';
import type { ChunkCache } from './chunk-cache.ts';
import { type Dialect, dialects, maxCut } from './dialect.ts';
import { EventParser } from './event-parser.ts';
import { type DecodedFrame, type FrameCache, latenessMs, type Sighting } from './frame-cache.ts';
import { clientFrame, FrameError, FrameParser, opcodes } from './frame-parser.ts';
import type { MessageParser, MessageSink } from './message-parser.ts';
import { Polling } from './polling.ts';
import { follow, type ReaderCursor } from './reader-rule.ts';
import { type ReaderTarget, serverOf } from './reader-target.ts';
import { count, type SwarmReport } from './swarm-report.ts';

/** What the readers of one process share: they own nothing but a socket, a cursor and what is left of a cut frame. */
export interface ReaderHost {
  /** Every socket reads into these bytes. */
  readonly buffer: Buffer;
  readonly cache: FrameCache;
  readonly chunks: ChunkCache;
  /** Frames of the read that is being parsed; null once it holds anything else. */
  parsed: DecodedFrame[] | null;
  /** When the bytes at hand were read. */
  now: number;
  readonly report: SwarmReport;
  readonly clock: Clock;
  /** Turns its times into ms since 1970. */
  readonly wallOffset: number;
  readonly arrivals: Arrivals;
  answered(reader: Reader): void;
  /** The connection ended and nobody here ended it. `reason`: HTTP status, close code or error code. */
  lost(reader: Reader, reason: string): void;
}

/** One reader of the feed on a bare socket: writes the upgrade or its polls itself, follows the reader's rule, answers pings. */
export class Reader implements MessageSink {
  readonly cursor: ReaderCursor = { epoch: '', seq: 0, answered: false };
  retry = { afterMs: 0, withinMs: 4_000 };
  /** The longest time from the append of an entry, by Redis' clock, until it was here, ms. */
  latestMs = 0;
  readonly #host: ReaderHost;
  readonly #target: ReaderTarget;
  readonly #dialect: Dialect;
  readonly #localAddress: string | undefined;
  #socket: Socket | null = null;
  #state: 'closed' | 'upgrading' | 'open' = 'closed';
  #parser: MessageParser = new FrameParser();
  #head: Buffer | null = null;
  /** What has come of a frame that goes on in the next message. */
  #cut: Buffer | null = null;
  #reason = 'closed';
  /** ms since 1970; infinite until it has been answered. */
  #answeredAt = Number.POSITIVE_INFINITY;

  constructor(host: ReaderHost, target: ReaderTarget, localAddress: string | undefined) {
    this.#host = host;
    this.#target = target;
    this.#dialect = dialects[target.dialect];
    this.#localAddress = localAddress;
  }

  get isOpen(): boolean {
    return this.#state === 'open' && this.cursor.answered;
  }

  /** Connects, from the reader's own position once it has one. */
  connect(): void {
    const { buffer } = this.#host;
    const target = this.#target;
    this.#state = 'upgrading';
    this.#head = null;
    this.#cut = null;
    this.#reason = 'closed';
    this.cursor.answered = false;
    this.#answeredAt = Number.POSITIVE_INFINITY;
    this.#host.report.attempts += 1;
    const onread = { buffer, callback: (length: number): boolean => this.#receive(socket, length) };
    const options = {
      ...serverOf(target),
      onread,
      ...(this.#localAddress && { localAddress: this.#localAddress, family: 4 }),
    };
    const socket: Socket = target.isSecure ? connectTls(options) : connectTcp(options);
    this.#socket = socket;
    const parser = this.#newParser(socket);
    this.#parser = parser;
    socket.once(target.isSecure ? 'secureConnect' : 'connect', () => {
      if (parser instanceof Polling) parser.start();
      else socket.write(this.#upgrade());
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.#ended(socket, error.code ?? error.message));
    socket.on('close', () => this.#ended(socket, this.#reason));
  }

  /** Ends the connection as a lost network does: no close frame. The cursor stays. */
  cut(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#state = 'closed';
    socket?.destroy();
  }

  /** Leaves for good, with a reset: ports that linger in TIME_WAIT would slow down whoever connects next. */
  leave(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#state = 'closed';
    socket?.resetAndDestroy();
  }

  onMessage(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (this.#state !== 'open') return;
    if (opcode >= opcodes.close) this.#host.parsed = null;
    if (opcode === opcodes.text || opcode === opcodes.binary) this.#message(bytes, start, end);
    else if (opcode === opcodes.ping) this.#pong(bytes, start, end);
    else if (opcode === opcodes.close) this.#end(end - start >= 2 ? String(bytes.readUInt16BE(start)) : '1005');
  }

  #receive(socket: Socket, length: number): boolean {
    if (socket !== this.#socket) return true;
    this.#host.report.bytes += length;
    this.#host.now = this.#host.clock();
    try {
      if (this.#state === 'open') this.#read(length);
      else this.#answer(length);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#fault('bad-frame', error.message);
      this.#end('bad-frame');
    }
    return true;
  }

  #read(length: number): void {
    const host = this.#host;
    const isAtStart = this.#parser.isBetweenFrames && this.#cut === null;
    const known = isAtStart ? host.chunks.find(host.buffer, length) : null;
    if (known !== null) {
      for (const frame of known) this.#frame(frame);
      return;
    }
    host.parsed = isAtStart ? [] : null;
    this.#parser.push(host.buffer, 0, length, this);
    if (host.parsed !== null && this.#parser.isBetweenFrames) host.chunks.keep(host.buffer, length, host.parsed);
    host.parsed = null;
  }

  #answer(length: number): void {
    const read = Buffer.from(this.#host.buffer.subarray(0, length));
    const head = this.#head === null ? read : Buffer.concat([this.#head, read]);
    const end = head.indexOf('\r\n\r\n');
    this.#head = end < 0 ? head : null;
    if (end < 0) return;
    const status = head.toString('latin1', 9, 12);
    if (status !== (this.#dialect.framing === 'events' ? '200' : '101')) {
      this.#end(status);
      return;
    }
    this.#state = 'open';
    this.#greet();
    this.#parser.push(head, end + 4, head.length, this);
  }

  #message(bytes: Buffer, start: number, end: number): void {
    if (this.#cut !== null) {
      const whole = Buffer.concat([this.#cut, bytes.subarray(start, end)]);
      this.#cut = null;
      this.#message(whole, 0, whole.length);
      return;
    }
    const frames = this.#host.cache.decode(bytes, start, end);
    if (frames === null) {
      this.#host.parsed = null;
      if (this.#dialect.mayCut && end - start < maxCut) {
        this.#cut = Buffer.from(bytes.subarray(start, end));
        return;
      }
      this.#fault('bad-frame', bytes.toString('utf8', start, Math.min(end, start + 80)));
      return;
    }
    this.#host.parsed?.push(...frames);
    for (const frame of frames) this.#frame(frame);
  }

  #frame(frame: DecodedFrame): void {
    count(this.#host.report.frames, frame.type);
    if (frame.reply !== null) {
      this.#say(frame.reply);
      return;
    }
    const before = this.cursor.seq;
    const wasAnswered = this.cursor.answered;
    // Every answer to a poll may begin with one.
    if (this.#dialect.framing === 'polls' && frame.type === 'resumed') this.cursor.answered = false;
    const verdict = follow(this.cursor, frame);
    if (verdict !== 'ok') this.#fault(verdict, `at ${before} came ${frame.type} seq ${frame.seq} prev ${frame.prev}`);
    if (frame.sighting !== null && verdict !== 'duplicate') this.#sight(frame.sighting);
    if (frame.retry !== null) this.retry = frame.retry;
    if (wasAnswered || !this.cursor.answered) return;
    this.#answeredAt = this.#host.clock() + this.#host.wallOffset;
    this.#host.answered(this);
  }

  #sight(sighting: Sighting): void {
    const { now } = this.#host;
    if (sighting.count++ === 0) sighting.first = now;
    sighting.last = now;
    this.#host.arrivals.record(sighting, now);
    this.latestMs = Math.max(this.latestMs, latenessMs(sighting, now + this.#host.wallOffset));
    if (sighting.appendedAt <= this.#answeredAt) return;
    sighting.liveCount += 1;
    sighting.liveLast = now;
  }

  #newParser(socket: Socket): MessageParser {
    const { framing } = this.#dialect;
    if (framing === 'websocket') return new FrameParser();
    if (framing === 'events') return new EventParser();
    return new Polling({
      clock: this.#host.clock,
      position: () => this.cursor.seq,
      ask: (waitSeconds) => this.#poll(socket, waitSeconds),
      take: (frames) => this.#message(frames, 0, frames.length),
      end: (status) => this.#end(String(status)),
      reconnect: () => {
        this.cut();
        this.connect();
      },
    });
  }

  #poll(socket: Socket, waitSeconds: number): void {
    if (socket !== this.#socket) return;
    const { path, authority } = this.#target;
    this.#state = 'open';
    socket.write(`GET ${path}&wait=${waitSeconds}${this.#since()} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  }

  #greet(): void {
    const { hello, opening } = this.#dialect;
    for (const text of hello) this.#say(text);
    if (opening !== null) this.#message(Buffer.from(opening), 0, Buffer.byteLength(opening));
  }

  #say(text: string): void {
    this.#socket?.write(clientFrame(this.#dialect.isBinary ? opcodes.binary : opcodes.text, Buffer.from(text)));
  }

  #pong(bytes: Buffer, start: number, end: number): void {
    count(this.#host.report.frames, 'ping');
    this.#socket?.write(clientFrame(opcodes.pong, bytes.subarray(start, end)));
  }

  #upgrade(): string {
    const target = this.#target;
    const start = (version: string) =>
      `GET ${target.path}${this.#since()} HTTP/${version}\r\nHost: ${target.authority}\r\n`;
    // 1.0: a proxy would wrap a stream of 1.1 in chunks.
    if (this.#dialect.framing === 'events') return `${start('1.0')}Accept: text/event-stream\r\n\r\n`;
    return `${start('1.1')}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${target.handshakeKey}\r\n\r\n`;
  }

  #since(): string {
    const { epoch, seq } = this.cursor;
    return epoch === '' ? '' : `&since=${epoch}:${seq}`;
  }

  #fault(kind: string, detail: string): void {
    const { report } = this.#host;
    count(report.faults, kind);
    if (report.examples.length < 5) report.examples.push(`${kind}: ${detail}`);
  }

  #end(reason: string): void {
    this.#reason = reason;
    this.#socket?.destroy();
  }

  #ended(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    count(wasOpen ? this.#host.report.dropped : this.#host.report.refused, reason);
    this.#host.lost(this, reason);
  }
}
