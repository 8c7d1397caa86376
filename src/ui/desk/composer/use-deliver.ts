import { useEffect, useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import { useDesk } from '../desk-context.ts';
import type { Problem, Standing } from '../remote/desk-api.ts';
import type { ItemFields } from '../remote/desk-item.ts';
import type { Sending } from '../remote/outbox.ts';
import type { Outbox } from '../remote/use-outbox.ts';
import { type DeskWords, useWords } from '../words/words.ts';
import { holdSeconds } from './composer-fields.ts';

/** What the box says about the last line. That STOP holds it is said until STOP is released, and no longer. */
export function useResult(first: string) {
  const { stopped } = useDesk();
  const [result, setResult] = useState(first);
  const [heldByStop, setHeldByStop] = useState('');
  useEffect(() => {
    if (!stopped) setHeldByStop('');
  }, [stopped]);
  return { result: heldByStop || result, setResult, setHeldByStop };
}

interface Delivering {
  onDone(): void;
  onAccepted(sending: Sending, standing: Standing): void;
  setResult(result: string): void;
  /** The result stays until STOP is released. */
  setHeldByStop(result: string): void;
  /** A refused line is in the box again. */
  onReturned(sending: Sending, problem: Problem): void;
  /** Returns fields to the box; false when the editor has typed something else. */
  giveBack(fields: ItemFields): boolean;
}

/** Sends a line and shows the result. */
export function useDeliver(
  outbox: Outbox,
  { onDone, onAccepted, setResult, setHeldByStop, onReturned, giveBack }: Delivering,
) {
  const { stopped } = useDesk();
  const { words, say } = useWords();
  const isStopped = useRef(false);
  isStopped.current = stopped !== null;
  return async (sending: Sending) => {
    const answer = await outbox.send(sending);
    onDone();
    if (answer === null) return setResult('');
    if (answer.type === 'ok') {
      onAccepted(sending, answer.value);
      const waits = answer.value.state === 'held' || answer.value.state === 'queued';
      setHeldByStop(isStopped.current && waits ? say(words.said.stopped, { line: lineOf(sending.fields) }) : '');
      setResult(say(standingWords(words, answer.value.state), { line: lineOf(sending.fields) }));
      // By then the line is out, and the list shows it.
      if (answer.value.state === 'held') setTimeout(() => setResult(''), holdSeconds * 1_000);
      return;
    }
    setResult('');
    if (giveBack(sending.fields)) onReturned(sending, answer.problem);
    else outbox.keepRefused(sending, answer.problem);
  };
}

/** The result as the API reported it: an accepted line is not published yet. */
function standingWords({ said }: DeskWords, state: string): string {
  switch (state) {
    case 'published':
      return said.published;
    case 'draft':
      return said.draft;
    case 'held':
      return said.held;
    case 'scheduled':
      return said.scheduled;
    default:
      return said.queued;
  }
}
