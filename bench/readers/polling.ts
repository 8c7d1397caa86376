import type { Clock } from '../process/clock.ts';
import { type Answer, AnswerParser } from './answer-parser.ts';
import type { MessageParser } from './message-parser.ts';

export interface Poller {
  readonly clock: Clock;
  /** Where the reader stands. */
  position(): number;
  /** Sends the request, if the connection is still its own. */
  ask(waitSeconds: number): void;
  take(frames: Buffer): void;
  /** The server has refused. */
  end(status: number): void;
  /** The server ends the connection in the usual way. */
  reconnect(): void;
}

/** Asks again and again on one connection, each time from where the last answer has led. */
export class Polling implements MessageParser {
  /** Each answer leads to the next poll: none may be passed over because its bytes are known. */
  readonly isBetweenFrames = false;
  readonly #poller: Poller;
  readonly #answers = new AnswerParser((answer) => this.#take(answer), true);
  #askedFrom = 0;
  #askedAt = 0;

  constructor(poller: Poller) {
    this.#poller = poller;
  }

  /** Call it once the connection is open. */
  start(): void {
    this.#ask(0);
  }

  push(chunk: Buffer, start: number, end: number): void {
    this.#answers.push(chunk, start, end);
  }

  #ask(waitSeconds: number): void {
    this.#askedFrom = this.#poller.position();
    this.#askedAt = this.#poller.clock();
    this.#poller.ask(waitSeconds);
  }

  #take({ status, body, isLast }: Answer): void {
    const poller = this.#poller;
    if (status === 200) poller.take(body);
    else if (status !== 204) {
      poller.end(status);
      return;
    }
    if (isLast) {
      poller.reconnect();
      return;
    }
    // What has not led on must not be asked again at once.
    const hasLedOn = poller.position() !== this.#askedFrom || poller.clock() - this.#askedAt >= calmMs;
    if (hasLedOn) this.#ask(longestWaitSeconds);
    else setTimeout(() => this.#ask(longestWaitSeconds), calmMs).unref();
  }
}

const longestWaitSeconds = 25;
const calmMs = 1_000;
