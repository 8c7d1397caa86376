import { numberText } from '../page/status-bar.tsx';
import type { Reach } from '../remote/desk-item.ts';
import { useWords } from '../words/language.ts';

/** Whom an entry has reached, as every fan-out process has reported it. What is not proven says so. */
export function ReachLine({ reach, totalMs }: { readonly reach: Reach | null; readonly totalMs?: number }) {
  const { words } = useWords();
  if (!reach) return null;
  const number = (count: number) => numberText(count, words.language);
  const isOff = ['retracted', 'withheld', 'expired'].includes(reach.what);
  const maxMs = reach.maxMs ?? 0;
  const seconds = maxMs < 10 ? '\u2066<0.01\u2069' : (maxMs / 1_000).toFixed(2);
  const say = isOff ? words.reach.off : words.reach.on;
  return (
    <p class={`reach ${reach.isProven ? 'proven' : 'unproven'}`}>
      <span class="counts">{say(number(reach.done), number(reach.targeted), seconds)}</span>
      {reach.left > 0 && <span>{words.reach.left(number(reach.left))}</span>}
      {reach.waiting > 0 && <span>{words.reach.waiting(number(reach.waiting))}</span>}
      {reach.silent > 0 && <span>{words.reach.silent(reach.silent)}</span>}
      {reach.silentReaders > 0 && reach.silentSince !== null && (
        <span>
          {words.reach.silentReaders(
            number(reach.silentReaders),
            new Date(reach.silentSince).toLocaleTimeString('en-GB'),
          )}
        </span>
      )}
      <span class="verdict">{reach.isProven ? words.reach.proven : words.reach.unproven}</span>
      {totalMs !== undefined && <span class="clock">{words.reach.clock((totalMs / 1_000).toFixed(2))}</span>}
    </p>
  );
}
