import { connect, type Socket } from 'node:net';
import { AnswerParser } from '../readers/answer-parser.ts';
import { count } from '../readers/swarm-report.ts';
import { createRandom, type Lane, type Random } from './lanes.ts';
import { emptyTally, type Knowledge, type LaneTally, type Pace } from './message.ts';

export interface AttackerOptions {
  readonly host: string;
  readonly port: number;
  readonly knowledge: Knowledge;
  /** Null: as fast as it is answered. */
  readonly pace: Pace | null;
  readonly seed: number;
  /** Where the next connection comes from. */
  nextAddress(): string;
  /** Requests are spread over many addresses: a connection is left after some turns. */
  readonly isSpread: boolean;
}

/** One connection of the attack: turn after turn of one lane. */
export class Attacker {
  readonly tally: LaneTally = emptyTally();
  readonly #lane: Lane;
  readonly #options: AttackerOptions;
  readonly #random: Random;
  readonly #answerBytes: string;
  /** What is left open for the next turn. */
  #connection: Connection | null = null;
  #turnsOfConnection = 0;
  #isOver = false;

  constructor(lane: Lane, options: AttackerOptions) {
    this.#lane = lane;
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.#answerBytes = options.pace === null ? '' : `X-Answer-Bytes: ${Math.round(options.pace.answerBytes)}\r\n`;
  }

  async run(): Promise<void> {
    const start = performance.now();
    while (!this.#isOver) {
      await this.#turn();
      this.tally.turns++;
      const { pace } = this.#options;
      if (pace !== null) await pause(start + (this.tally.turns * 1_000) / pace.perSecond - performance.now());
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#leave();
  }

  async #turn(): Promise<void> {
    const lane = this.#lane;
    if (lane.type === 'silent') {
      // Its server ends it. A stand-in does not: in the time that it took.
      const { pace } = this.#options;
      await this.#open(false).ended(pace === null ? patienceMs : 1_000 / pace.perSecond);
      this.#leave();
    } else if (lane.type === 'follow') await this.#follow(lane);
    else if (lane.type === 'deaf') await this.#ask(lane, deafMs);
    else await this.#ask(lane, patienceMs);
  }

  async #ask(lane: Lane & { readonly type: 'ask' | 'deaf' }, mostMs: number): Promise<void> {
    const isDeaf = lane.type === 'deaf';
    const connection = this.#connection ?? this.#open(false);
    this.#connection = connection;
    if (isDeaf) connection.socket.pause();
    const path = () => lane.path(this.#random, this.#options.knowledge);
    const text = Array.from({ length: lane.atOnce }, () => this.#request(path(), '')).join('');
    const outcome = await connection.ask(text, isDeaf ? Number.POSITIVE_INFINITY : lane.atOnce, mostMs);
    if (outcome === 'ended') this.tally.ended++;
    if (outcome === 'late' && !isDeaf) this.tally.unanswered++;
    this.#turnsOfConnection++;
    const isUsedUp = this.#options.isSpread && this.#turnsOfConnection >= turnsPerAddress;
    if (isDeaf || outcome !== 'answered' || isUsedUp) this.#leave();
  }

  async #follow(lane: Lane & { readonly type: 'follow' }): Promise<void> {
    const connection = this.#open(true);
    this.#connection = connection;
    const path = lane.path(this.#random, this.#options.knowledge);
    const outcome = await connection.ask(this.#request(path, path.includes('.sse') ? '' : upgrade), 1, patienceMs);
    if (outcome === 'ended') this.tally.ended++;
    if (outcome === 'late') this.tally.unanswered++;
    if (outcome === 'answered') await pause(lane.holdMs);
    this.#leave();
  }

  #request(path: string, headers: string): string {
    this.tally.requests++;
    return `GET ${path} HTTP/1.1\r\nHost: news.example\r\n${headers}${this.#answerBytes}\r\n`;
  }

  #open(isStream: boolean): Connection {
    const { host, port, nextAddress } = this.#options;
    this.#turnsOfConnection = 0;
    return new Connection(
      { host, port, localAddress: nextAddress() },
      isStream,
      (status) => {
        this.tally.answers++;
        count(this.tally.statuses, String(status));
      },
      (bytes) => {
        this.tally.bytes += bytes;
      },
    );
  }

  #leave(): void {
    this.#connection?.socket.resetAndDestroy();
    this.#connection = null;
  }
}

type Outcome = 'answered' | 'ended' | 'late';

/** Reads answers and throws them away. */
class Connection {
  readonly socket: Socket;
  #missing = 0;
  #isLast = false;
  #settle: ((outcome: Outcome) => void) | null = null;
  #isEnded = false;

  constructor(
    where: { readonly host: string; readonly port: number; readonly localAddress: string },
    isStream: boolean,
    onAnswer: (status: number) => void,
    onBytes: (bytes: number) => void,
  ) {
    const take = (status: number, isLast: boolean) => {
      onAnswer(status);
      this.#missing--;
      this.#isLast ||= isLast;
      if (this.#missing <= 0) this.#settle?.(this.#isLast ? 'ended' : 'answered');
    };
    const parser = new AnswerParser(({ status, isLast }) => take(status, isLast), false);
    const buffer = readBuffer;
    let isFirst = true;
    this.socket = connect({
      ...where,
      family: 4,
      onread: {
        buffer,
        callback: (length) => {
          onBytes(length);
          // A stream has answered with its first bytes, and never ends.
          if (!isStream) parser.push(buffer, 0, length);
          else if (isFirst) take(Number(buffer.toString('latin1', 9, 12)), false);
          isFirst = false;
          return true;
        },
      },
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.#isEnded = true;
      this.#settle?.('ended');
    });
  }

  /** Sends it all; resolves once so many answers have come, the connection has ended, or the time is up. */
  ask(text: string, answers: number, mostMs: number): Promise<Outcome> {
    this.#missing = answers;
    const outcome = this.#outcome(mostMs);
    this.socket.write(text, 'latin1');
    return outcome;
  }

  /** Resolves once it has ended or the time is up. */
  async ended(mostMs: number): Promise<void> {
    await this.#outcome(mostMs);
    this.socket.resetAndDestroy();
  }

  async #outcome(mostMs: number): Promise<Outcome> {
    if (this.#isEnded) return 'ended';
    let timer: NodeJS.Timeout | undefined;
    const outcome = await new Promise<Outcome>((resolve) => {
      this.#settle = resolve;
      timer = setTimeout(() => resolve('late'), mostMs);
    });
    clearTimeout(timer);
    this.#settle = null;
    return outcome;
  }
}

/** Every socket reads into these bytes. */
const readBuffer = Buffer.allocUnsafe(64 * 1024);
const upgrade =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const patienceMs = 30_000;
const deafMs = 500;
const turnsPerAddress = 10;

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
