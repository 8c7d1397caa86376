import { useRef } from 'preact/hooks';
import { numberText } from '../../strings/message.ts';
import { useNow } from '../browser/live.ts';
import type { Reach } from '../remote/desk-item.ts';
import { useTimes } from '../words/times.ts';
import { useWords } from '../words/words.ts';

/** Proof is expected within a second; a row says nothing in words before this. */
const patienceMs = 5_000;

/**
 * The proof of a row: one quiet mark, which opens the whole of it. Words stand there from the start only if something is
 * wrong: a process is silent, or the proof is late.
 */
export function ReachMark({ reach, since }: { readonly reach: Reach | null; readonly since: number }) {
  const { words } = useWords();
  const isOpen = reach !== null && !reach.isProven && reach.silent === 0;
  const seen = useRef({ version: reach?.version, at: Date.now() });
  if (seen.current.version !== reach?.version) seen.current = { version: reach?.version, at: Date.now() };
  const now = useNow(1_000, isOpen);
  if (!reach) return null;
  // The clock of this browser may be wrong: it counts from what it has seen itself too.
  const isWrong = !reach.isProven && (!isOpen || now - Math.min(since, seen.current.at) >= patienceMs);
  if (isWrong) return <ReachLine reach={reach} />;
  return (
    <details class={`mark ${reach.isProven ? 'proven' : 'pending'}`}>
      <summary aria-label={reach.isProven ? words.reach.proven : words.reach.pending}>
        <span aria-hidden="true">{reach.isProven ? '✓' : '…'}</span>
      </summary>
      <ReachLine reach={reach} />
    </details>
  );
}

/** The delivery of an entry, as reported by every fan-out process. Missing proof is shown as such. */
export function ReachLine({ reach, totalMs }: { readonly reach: Reach | null; readonly totalMs?: number }) {
  const { words, say } = useWords();
  const { clock } = useTimes();
  if (!reach) return null;
  const number = (count: number) => numberText(count, words.language);
  const isOff = ['retracted', 'withheld', 'expired'].includes(reach.what);
  const maxMs = reach.maxMs ?? 0;
  const seconds = maxMs < 10 ? '\u2066<0.01\u2069' : (maxMs / 1_000).toFixed(2);
  const counts =
    reach.targeted === 0
      ? words.reach.nobody
      : say(isOff ? words.reach.off : words.reach.on, { done: number(reach.done), count: reach.targeted, seconds });
  return (
    <p class={`reach ${reach.isProven ? 'proven' : 'unproven'}`}>
      <span class="counts">{counts}</span>
      {reach.left > 0 && <span>{say(words.reach.left, { count: reach.left })}</span>}
      {reach.waiting > 0 && <span>{say(words.reach.waiting, { count: reach.waiting })}</span>}
      {reach.silent > 0 && <span>{say(words.reach.silent, { count: reach.silent })}</span>}
      {reach.silentReaders > 0 && reach.silentSince !== null && (
        <span>
          {say(words.reach.silentReaders, {
            count: number(reach.silentReaders),
            time: clock(reach.silentSince),
          })}
        </span>
      )}
      <span class="verdict">{reach.isProven ? words.reach.proven : words.reach.unproven}</span>
      {totalMs !== undefined && (
        <span class="clock">{say(words.reach.clock, { seconds: (totalMs / 1_000).toFixed(2) })}</span>
      )}
    </p>
  );
}
