import { useMemo, useState } from 'preact/hooks';
import type { UnsentStore } from '../browser/unsent-store.ts';
import { type Outgoing, outgoingOf } from '../composer/outgoing.tsx';
import type { Answer, DeskApi, Problem, Standing } from './desk-api.ts';
import { type Sending, send, type Unsent } from './outbox.ts';

/** A line that is accepted sooner is not shown as being sent. */
const toldAfterMs = 700;

export interface Outbox {
  /** The lines to show: slow, unsent or refused. */
  readonly outgoing: readonly Outgoing[];
  /** Resolves to the answer; null when the line was not sent and waits for the editor. */
  send(sending: Sending): Promise<Answer<Standing> | null>;
  /** Keeps a refused line that cannot return to the box, until the editor decides. */
  keepRefused(sending: Sending, problem: Problem): void;
  /** Keeps the text of a line that was stopped, until the editor decides. */
  keepStopped(unsent: Unsent): void;
  discard(sending: Sending): void;
}

/** Sends lines, retries for 30 s, and stores in this browser the lines that the server has not acknowledged. */
export function useOutbox(api: DeskApi, store: UnsentStore): Outbox {
  const [outgoing, setOutgoing] = useState<readonly Outgoing[]>(() => store.unsent.map(outgoingOf));
  const put = (one: Outgoing) =>
    setOutgoing((known) => [one, ...known.filter(({ sending }) => sending.key !== one.sending.key)]);
  const drop = (key: string) => {
    store.drop(key);
    setOutgoing((known) => known.filter(({ sending }) => sending.key !== key));
  };
  return useMemo(
    () => ({
      get outgoing() {
        return outgoing;
      },
      send: async (sending) => {
        // Stored before it is sent, so that a closed tab loses nothing.
        store.keep({ ...sending, gaveUpAt: sending.at });
        const slow = setTimeout(() => put({ sending, state: 'sending', gaveUpAt: null, problem: null }), toldAfterMs);
        const sent = await send(
          {
            publish: ({ fields, asDraft, key, isFuseConfirmed }) => api.publish(fields, asDraft, key, isFuseConfirmed),
            now: () => Date.now(),
            wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
          },
          sending,
        );
        clearTimeout(slow);
        if (sent.type === 'unsent') {
          store.keep(sent.unsent);
          put(outgoingOf(sent.unsent));
          return null;
        }
        drop(sending.key);
        return sent;
      },
      keepRefused: (sending, problem) => {
        store.keep({ ...sending, gaveUpAt: sending.at });
        put({ sending, state: 'refused', gaveUpAt: null, problem });
      },
      keepStopped: (unsent) => {
        store.keep(unsent);
        put(outgoingOf(unsent));
      },
      discard: ({ key }) => drop(key),
    }),
    [api, store, outgoing],
  );
}
