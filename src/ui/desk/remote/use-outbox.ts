import { useMemo, useState } from 'preact/hooks';
import type { UnsentStore } from '../browser/unsent-store.ts';
import { type Outgoing, outgoingOf } from '../composer/outgoing.tsx';
import type { Answer, DeskApi, Problem, Standing } from './desk-api.ts';
import { type Sending, send } from './outbox.ts';

/** Below this nobody needs to be told that a line is on its way. */
const toldAfterMs = 700;

export interface Outbox {
  /** What is to be shown: slow, unsent or refused. */
  readonly outgoing: readonly Outgoing[];
  /** Resolves with the answer; null when it was not sent and waits for a person. */
  send(sending: Sending): Promise<Answer<Standing> | null>;
  /** A refused line for which there is no room in the box: it stands here until a person decides. */
  keepRefused(sending: Sending, problem: Problem): void;
  discard(sending: Sending): void;
}

/** Sends, tries again by itself for 30 s, and keeps in this browser what nobody has answered for. */
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
        // Kept before it is sent: a tab that is closed in between has lost nothing.
        store.keep({ ...sending, gaveUpAt: sending.at });
        const slow = setTimeout(() => put({ sending, state: 'sending', gaveUpAt: null, problem: null }), toldAfterMs);
        const sent = await send(
          {
            publish: ({ fields, asDraft, key }) => api.publish(fields, asDraft, key),
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
      discard: ({ key }) => drop(key),
    }),
    [api, store, outgoing],
  );
}
