import type { IncomingMessage, ServerResponse } from 'node:http';
import { cacheControl } from '../../protocol/cache-control.ts';
import type { Origins } from '../../protocol/origins.ts';
import { isNameOf, parsePosition } from '../../protocol/position.ts';
import { queryOf } from '../../protocol/query.ts';
import type { Admission, Candidate, Refusal } from '../admission/admission.ts';
import { parseTarget } from '../admission/feed-request.ts';
import { badQuery, problems } from '../admission/problem.ts';
import { pollFraming } from '../feed/framing.ts';
import type { Reader } from '../reader/reader.ts';
import type { Transport } from '../reader/transport.ts';
import type { Clock } from '../scheduling/clock.ts';
import { sendJson, sendPreflight, sendProblem, writeShared } from './json-reply.ts';

export interface PollEndpointDeps {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly origins: Origins;
  /** Null while this process may write, otherwise a promise that resolves once it may. */
  opening(): Promise<void> | null;
}

const longestWaitSeconds = 25;

/**
 * The feed by long polls. A cache may keep an answer for one second under its exact address if the answer advances the
 * client's position, or comes when the wait ends. Any other answer is `no-store`, so that a cached copy cannot make a client
 * loop.
 */
export class PollEndpoint {
  readonly #deps: PollEndpointDeps;
  readonly #waiting = new Set<PollTransport>();

  constructor(deps: PollEndpointDeps) {
    this.#deps = deps;
  }

  /** False when the path belongs to another endpoint. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const target = parseTarget(request.url ?? '');
    if (target?.path !== '/v1/feed.poll') return false;
    const { origins } = this.#deps;
    if (request.method === 'OPTIONS') sendPreflight(request, response, origins);
    else if (request.method !== 'GET') sendProblem(request, response, origins, problems.method);
    else this.#poll(request, response, target.search);
    return true;
  }

  /** Answers all waiting polls, because the process shuts down. */
  answerAll(): void {
    for (const transport of [...this.#waiting]) transport.terminate();
  }

  #poll(request: IncomingMessage, response: ServerResponse, search: string): void {
    const { admission, origins, clock } = this.#deps;
    const seconds = waitOf(queryOf(`?${search}`));
    const candidate = seconds === null ? { problem: badWait } : admission.check(request, search);
    if ('problem' in candidate) {
      sendProblem(request, response, origins, candidate.problem);
      return;
    }
    admission.enter(candidate);
    let reader: Reader | null = null;
    let cancel = () => {};
    const transport = new PollTransport((frames) => {
      cancel();
      this.#waiting.delete(transport);
      admission.exit(candidate.address);
      try {
        this.#answer(request, response, candidate, reader, frames);
      } finally {
        if (reader) admission.leave(reader, candidate.address);
      }
    });
    this.#waiting.add(transport);
    let joined: Reader | Refusal;
    try {
      joined = admission.join(candidate, transport, seconds !== 0);
    } catch (error) {
      transport.drop();
      throw error;
    }
    if ('problem' in joined) {
      transport.drop();
      sendProblem(request, response, origins, joined.problem);
      return;
    }
    reader = joined;
    // A poll with wait=0 is answered in its turn, without a timer.
    if (seconds) cancel = clock.after(seconds * 1_000, () => this.#waitEnded(reader, transport));
    // Not of the response: with pipelining, a response behind another one gets no event when its connection ends.
    request.once('close', () => transport.drop());
  }

  /** Moves a reader without news to the head with a beat, or its position would leave the ring one day. The beat also carries staleness. */
  #waitEnded(reader: Reader | null, transport: PollTransport): void {
    const opening = this.#deps.opening();
    if (opening !== null) {
      void opening.then(() => this.#waitEnded(reader, transport));
      return;
    }
    const edition = reader?.feed.edition;
    const replica = edition?.replica;
    if (reader && replica) {
      reader.feed.advance(replica);
      if (reader.hasNews || replica.head > reader.cursor || edition.isStale) reader.beat(replica);
    }
    transport.terminate();
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    candidate: Candidate,
    reader: Reader | null,
    frames: Buffer | null,
  ): void {
    if (request.socket.destroyed || response.headersSent || reader === null) return;
    const { origins } = this.#deps;
    if (frames === null) {
      writeShared(request, response, origins, []);
      response.setHeader('Cache-Control', cacheControl.poll);
      response.writeHead(204).end();
      return;
    }
    sendJson(request, response, origins, {
      status: 200,
      body: [opening, frames.subarray(0, -1), closing],
      ...(advances(candidate, reader) && { cacheControl: cacheControl.poll }),
    });
  }
}

const opening = Buffer.from('{"frames":[');
const closing = Buffer.from(']}');

/** A transport that ends with its first write, the answer. */
class PollTransport implements Transport {
  readonly framing = pollFraming;
  readonly signsOfLife = 0;
  readonly #answer: (frames: Buffer | null) => void;
  #isOver = false;

  constructor(answer: (frames: Buffer | null) => void) {
    this.#answer = answer;
  }

  get isBusy(): boolean {
    return this.#isOver;
  }

  write(bytes: Buffer): void {
    this.#end(bytes);
  }

  whenFlushed(): void {}

  close(): void {
    this.#end(null);
  }

  terminate(): void {
    this.#end(null);
  }

  /** The client has disconnected, or has its answer. */
  drop(): void {
    this.#end(null);
  }

  #end(frames: Buffer | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answer(frames);
  }
}

/** Whether the answer advances the client's position. A resume with wait=0 may not. */
function advances({ since }: Candidate, { feed, isPatient }: Reader): boolean {
  const position = since === null ? null : parsePosition(since);
  const { replica } = feed.edition;
  if (!replica) return false;
  return !position || !isNameOf(position.epoch, replica.epoch) || (isPatient ? replica.head : feed.last) > position.seq;
}

/** The parameter `wait` in seconds; null when it is invalid. */
function waitOf(query: URLSearchParams): number | null {
  const [text = String(longestWaitSeconds), ...others] = query.getAll('wait');
  const seconds = /^\d{1,2}$/.test(text) && others.length === 0 ? Number(text) : Number.NaN;
  return seconds <= longestWaitSeconds ? seconds : null;
}

const badWait = badQuery([{ parameter: 'wait', detail: `wait: give whole seconds from 0 to ${longestWaitSeconds}.` }]);
