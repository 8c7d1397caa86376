import type { Answer, Standing } from './desk-api.ts';
import type { ItemFields } from './desk-item.ts';

/** A line on its way. */
export interface Sending {
  /** Idempotency-Key: however often it is sent, it is one item. */
  readonly key: string;
  readonly fields: ItemFields;
  readonly asDraft: boolean;
  /** ms since 1970: when somebody pressed the key, and when for the first time. */
  readonly at: number;
  readonly firstAt: number;
}

/** A line that was not sent. It waits for a person, however long that takes. */
export interface Unsent extends Sending {
  /** ms since 1970: when trying came to an end. */
  readonly gaveUpAt: number;
}

interface OutboxDeps {
  publish(sending: Sending): Promise<Answer<Standing>>;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** Longer than this nobody looks at the line any more: what goes out then would go out behind somebody's back. */
const resendForMs = 30_000;
const everyMs = 2_000;

/** The server remembers a key for 24 h: later the same line could be another item. */
export const keyLivesMs = 20 * 3_600_000;

/** `unsent`: it was tried for 30 s. Whether one of the tries was taken is not known; the same key tells. */
export type Sent = Answer<Standing> | { readonly type: 'unsent'; readonly unsent: Unsent };

/** Sends a line and goes on trying by itself while nobody answers, for at most 30 s after the key was pressed. */
export async function send(deps: OutboxDeps, sending: Sending): Promise<Sent> {
  for (;;) {
    // A laptop that was asleep wakes up in the middle of this: then it is over.
    if (deps.now() - sending.at > resendForMs) break;
    const answer = await deps.publish(sending);
    if (answer.type === 'ok' || !mayBeTriedAgain(answer.problem.status)) return answer;
    if (deps.now() + everyMs - sending.at > resendForMs) break;
    await deps.wait(everyMs);
  }
  return { type: 'unsent', unsent: { ...sending, gaveUpAt: deps.now() } };
}

/** No answer, the log away, a proxy that reaches nobody. */
function mayBeTriedAgain(status: number): boolean {
  return status === 0 || status === 408 || status === 502 || status === 503 || status === 504;
}
