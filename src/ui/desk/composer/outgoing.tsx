import { lineOf } from '../../../item/item.ts';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useEdition } from '../desk-context.ts';
import { isFlashFuse, type Problem } from '../remote/desk-api.ts';
import type { Sending, Unsent } from '../remote/outbox.ts';
import { useTimes } from '../words/times.ts';
import { tested, useWords } from '../words/words.ts';
import { Confirm } from './confirm.tsx';

/** A line that was sent and is not in the list yet. */
export interface Outgoing {
  readonly sending: Sending;
  readonly state: 'sending' | 'unsent' | 'refused' | 'stopped';
  readonly gaveUpAt: number | null;
  readonly stoppedBy?: string | undefined;
  readonly problem: Problem | null;
}

export function outgoingOf(unsent: Unsent): Outgoing {
  const { gaveUpAt, stoppedBy } = unsent;
  return { sending: unsent, state: stoppedBy === undefined ? 'unsent' : 'stopped', gaveUpAt, stoppedBy, problem: null };
}

interface OutgoingListProps {
  readonly outgoing: readonly Outgoing[];
  onSend(sending: Sending): void;
  /** Returns a stopped line to the box, if the box is empty. */
  onReturn(sending: Sending): void;
  onDiscard(sending: Sending): void;
}

/** Lines that are being sent, and lines that failed and wait for the editor. */
export function OutgoingList({ outgoing, onSend, onReturn, onDiscard }: OutgoingListProps) {
  const { language, dir } = useEdition();
  const { words, verbs, isTest, say } = useWords();
  const { clock } = useTimes();
  if (outgoing.length === 0) return null;
  return (
    <ol class="outgoing">
      {outgoing.map(({ sending, state, gaveUpAt, stoppedBy, problem }) => (
        <li key={sending.key} class={state}>
          <p class="state">
            {state === 'sending'
              ? words.said.resending
              : state !== 'refused' &&
                say(state === 'stopped' ? words.said.stoppedBy : words.said.unsent, {
                  time: clock(gaveUpAt ?? sending.at),
                  name: stoppedBy ?? '',
                })}
          </p>
          <p class="text" lang={language} dir={dir}>
            <bdi>{lineOf(sending.fields)}</bdi>
          </p>
          {state === 'unsent' && <p class="quiet">{words.said.unsentWhy}</p>}
          {isFlashFuse(problem) ? <Confirm step="fuse" /> : <ProblemBox problem={problem} />}
          {state !== 'sending' && (
            <p class="row actions">
              {state === 'stopped' ? (
                <button type="button" onClick={() => onReturn(sending)}>
                  {tested(words.said.toBox, isTest)}
                </button>
              ) : (
                <button
                  type="button"
                  class="primary"
                  onClick={() => onSend({ ...sending, isFuseConfirmed: isFlashFuse(problem) })}
                >
                  {isFlashFuse(problem) ? tested(words.fuse.goOn, isTest) : verbs.sendAgain}
                </button>
              )}
              <button type="button" onClick={() => onDiscard(sending)}>
                {tested(words.said.discard, isTest)}
              </button>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}
