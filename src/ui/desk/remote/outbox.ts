import { isOutcomeUnknown } from './answers.ts';
import type { Answer, Problem, Standing } from './desk-api.ts';
import type { ItemFields } from './desk-item.ts';

/** A line that is being sent. */
export interface Sending {
  /** The Idempotency-Key: sent repeatedly, the line is one item. */
  readonly key: string;
  readonly fields: ItemFields;
  readonly asDraft: boolean;
  /** The editor has confirmed that this flash goes out as well. Not stored: after a reload the desk asks again. */
  readonly isFuseConfirmed?: boolean;
  /** ms since 1970: the last press, and the first one. */
  readonly at: number;
  readonly firstAt: number;
}

/** A line that was not sent. It waits until an editor decides. */
export interface Unsent extends Sending {
  /** ms since 1970: the end of the retries, or when it was stopped. */
  readonly gaveUpAt: number;
  /** Who stopped the line while it was held. It is no item any more, so it is not sent again as it is. */
  readonly stoppedBy?: string;
}

interface OutboxDeps {
  publish(sending: Sending): Promise<Answer<Standing>>;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** After this time the editor no longer watches the line, so it must not go out unnoticed. */
const resendForMs = 30_000;
const everyMs = 2_000;

/** The server remembers a key for 24 h. After that the same line could become another item. */
export const keyLivesMs = 20 * 3_600_000;

/** `unsent`: all tries within 30 s failed. Whether the server accepted one of them is unknown; the same key finds out. */
export type Sent = Answer<Standing> | { readonly type: 'unsent'; readonly unsent: Unsent };

/** Sends a line, and retries while the server does not answer, for at most 30 s after the press. */
export async function send(deps: OutboxDeps, sending: Sending): Promise<Sent> {
  for (;;) {
    // A laptop may have slept in between: then the time is over.
    if (deps.now() - sending.at > resendForMs) break;
    const answer = await deps.publish(sending);
    if (answer.type === 'ok' || !mayBeTriedAgain(answer.problem)) return answer;
    if (deps.now() + everyMs - sending.at > resendForMs) break;
    await deps.wait(everyMs);
  }
  return { type: 'unsent', unsent: { ...sending, gaveUpAt: deps.now() } };
}

/** An unknown outcome, or an unreachable log. */
function mayBeTriedAgain(problem: Problem): boolean {
  return isOutcomeUnknown(problem) || problem.status === 408 || problem.status === 503;
}
