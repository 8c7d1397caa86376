import type { ServerResponse } from 'node:http';
import { sendProblem } from '../../api/http-problem.ts';
import { clientKey, parseTrust } from '../../fanout/admission/client-address.ts';
import { pathOf, type RequestHandler } from '../../ops/http-server.ts';
import { relayReadings } from '../../ops/metrics/all.ts';
import type { Reading } from '../../ops/metrics/metrics.ts';
import { ApiWatch } from '../../ops/relay/api-watch.ts';
import { type NoAnswer, Relay } from '../../ops/relay/relay.ts';
import type { Unread } from '../../ops/unread.ts';
import type { Problem } from '../../protocol/problem.ts';
import type { Process } from './process.ts';

/** What an edge has of the api process of its machine. */
export interface ApiRelay {
  /** Relays everything under /v1/. */
  readonly handle: RequestHandler;
  /** True while a request waits for its answer, and a little longer. */
  isBusy(): boolean;
  /** False until the api process was ready once. */
  hasStarted(): boolean;
  /** Null: the api process is ready. Otherwise the reason, as one line. */
  whyNot(): string | null;
  /** What the health page of the api process says besides. */
  notes(): readonly string[];
  readonly readings: readonly Reading[];
  /** Resolves once the requests that wait have their answers, after `ms` at most. */
  drain(ms: number): Promise<void>;
}

const noAnswers = {
  unreachable: {
    type: 'unavailable',
    detail: 'The api process cannot be reached. Nothing was accepted. Try again.',
    retryAfter: 1,
  },
  draining: { type: 'draining', detail: 'This process is ending. Try again.', retryAfter: 1 },
  lost: {
    type: 'outcome-unknown',
    detail:
      'The api process ended before it answered. Retry with the same Idempotency-Key: the item is accepted once or not at all.',
    retryAfter: 1,
  },
} as const satisfies Record<NoAnswer, Problem>;

/** Relays the desk's requests to the api process that listens on this Unix socket. */
export function openRelay({ config, logger }: Process, socketPath: string, unread: Unread): ApiRelay {
  const trust = parseTrust(config.FLASHWIRE_TRUST_PROXY);
  const relay = new Relay({
    socketPath,
    clientOf: (request) => clientKey(request, trust),
    unread,
    answerInstead: (response: ServerResponse, why) => sendProblem(response, noAnswers[why]),
    onFault: (error, request) => logger.error({ err: error, path: pathOf(request) }, 'request not relayed'),
  });
  const watch = new ApiWatch({
    socketPath,
    onChange: (isReachable) =>
      isReachable ? logger.info('api process answers') : logger.warn('api process does not answer'),
  });
  watch.start();
  return {
    handle: (request, response) => {
      if (!request.url?.startsWith('/v1/')) return false;
      relay.relay(request, response);
      return true;
    },
    isBusy: () => relay.isBusy,
    hasStarted: () => watch.hasStarted,
    whyNot: () => watch.whyNot(),
    notes: () => watch.notes(),
    readings: relayReadings(relay.counts),
    drain: async (ms) => {
      watch.stop();
      await relay.drain(ms);
    },
  };
}
