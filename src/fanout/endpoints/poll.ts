import type { IncomingMessage, ServerResponse } from 'node:http';
import { isNameOf, parsePosition } from '../../protocol/position.ts';
import type { Admission, Asker, Refusal } from '../admission/admission.ts';
import { parseTarget } from '../admission/feed-request.ts';
import type { Origins } from '../admission/origins.ts';
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
  /** Null while this process may write, otherwise what resolves once it may. */
  opening(): Promise<void> | null;
}

const longestWait = 25;
/**
 * So that a cache asks once for all who wait at one position, and tells all of them when their time is up. Nothing staler than
 * that: it would send them round again.
 */
const forASecond = 'public, max-age=0, s-maxage=1';

/**
 * The feed for those who can only ask again and again. An answer that takes the reader forward, or that comes when the time is
 * up, may be kept for a second under its exact address; any other is never kept, so no reader can be told by a cache to ask the
 * same again at once.
 */
export class PollEndpoint {
  readonly #deps: PollEndpointDeps;
  readonly #waiting = new Set<PollTransport>();

  constructor(deps: PollEndpointDeps) {
    this.#deps = deps;
  }

  /** False when the path is another edge's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const target = parseTarget(request.url ?? '');
    if (target?.path !== '/v1/feed.poll') return false;
    const { origins } = this.#deps;
    if (request.method === 'OPTIONS') sendPreflight(request, response, origins);
    else if (request.method !== 'GET') sendProblem(request, response, origins, problems.method);
    else this.#poll(request, response, target.query);
    return true;
  }

  /** Answers all who wait: this process is going away. */
  answerAll(): void {
    for (const transport of [...this.#waiting]) transport.terminate();
  }

  #poll(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    const { admission, origins, clock } = this.#deps;
    const seconds = waitOf(query);
    const asker = seconds === null ? { problem: badWait } : admission.check(request, query);
    if ('problem' in asker) {
      sendProblem(request, response, origins, asker.problem);
      return;
    }
    admission.enter(asker);
    let reader: Reader | null = null;
    let cancel = () => {};
    const transport = new PollTransport((frames) => {
      cancel();
      this.#waiting.delete(transport);
      admission.exit(asker.address);
      try {
        this.#answer(request, response, asker, reader, frames);
      } finally {
        if (reader) admission.leave(reader, asker.address);
      }
    });
    this.#waiting.add(transport);
    let joined: Reader | Refusal;
    try {
      joined = admission.join(asker, transport, seconds !== 0);
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
    // One that does not want to wait is answered in its turn, however late that comes.
    if (seconds) cancel = clock.after(seconds * 1_000, () => this.#timeUp(reader, transport));
    // Of the request: an answer that waits behind another one is not told of the end of its connection.
    request.once('close', () => transport.drop());
  }

  /** A reader that nothing of its feed has come for is taken to the head, or it would fall off the ring one day; and told what is stale. */
  #timeUp(reader: Reader | null, transport: PollTransport): void {
    const opening = this.#deps.opening();
    if (opening !== null) {
      void opening.then(() => this.#timeUp(reader, transport));
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
    asker: Asker,
    reader: Reader | null,
    frames: Buffer | null,
  ): void {
    if (request.socket.destroyed || response.headersSent || reader === null) return;
    const { origins } = this.#deps;
    if (frames === null) {
      writeShared(request, response, origins, []);
      response.setHeader('Cache-Control', forASecond);
      response.writeHead(204).end();
      return;
    }
    sendJson(request, response, origins, {
      status: 200,
      body: [opening, frames.subarray(0, -1), closing],
      ...(takesForward(asker, reader) && { cacheControl: forASecond }),
    });
  }
}

const opening = Buffer.from('{"frames":[');
const closing = Buffer.from(']}');

/** One answer: the first write is all of it. */
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

  /** The one who asked has gone, or has been answered already. */
  drop(): void {
    this.#end(null);
  }

  #end(frames: Buffer | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#answer(frames);
  }
}

/** Whether the position after the answer is another than `since`. A resume that is answered at once may bring nothing. */
function takesForward({ since }: Asker, { feed, isPatient }: Reader): boolean {
  const position = since === null ? null : parsePosition(since);
  const { replica } = feed.edition;
  if (!replica) return false;
  return !position || !isNameOf(position.epoch, replica.epoch) || (isPatient ? replica.head : feed.last) > position.seq;
}

/** Seconds; null when it is none. Takes the name out of the query. */
function waitOf(query: URLSearchParams): number | null {
  const [text = String(longestWait), ...others] = query.getAll('wait');
  const seconds = /^\d{1,2}$/.test(text) && others.length === 0 ? Number(text) : Number.NaN;
  return seconds <= longestWait ? seconds : null;
}

const badWait = badQuery([{ parameter: 'wait', detail: `wait: give whole seconds from 0 to ${longestWait}.` }]);
