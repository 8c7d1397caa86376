import { numberText } from '../../strings/message.ts';
import type { Reach } from '../remote/desk-item.ts';
import { useTimes } from '../words/times.ts';
import { useWords } from '../words/words.ts';

/** The delivery of an entry, as reported by every fan-out process. Missing proof is shown as such. */
export function ReachLine({ reach, totalMs }: { readonly reach: Reach | null; readonly totalMs?: number }) {
  const { words, say } = useWords();
  const { clock } = useTimes();
  if (!reach) return null;
  const number = (count: number) => numberText(count, words.language);
  const isOff = ['retracted', 'withheld', 'expired'].includes(reach.what);
  const maxMs = reach.maxMs ?? 0;
  const seconds = maxMs < 10 ? '\u2066<0.01\u2069' : (maxMs / 1_000).toFixed(2);
  const counts = isOff ? words.reach.off : words.reach.on;
  return (
    <p class={`reach ${reach.isProven ? 'proven' : 'unproven'}`}>
      <span class="counts">{say(counts, { done: number(reach.done), count: reach.targeted, seconds })}</span>
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
