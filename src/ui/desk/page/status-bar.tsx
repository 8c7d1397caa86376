import { useNow } from '../browser/live.ts';
import type { DeskStatus, Problem } from '../remote/desk-api.ts';
import { useTimes } from '../words/times.ts';
import { useWords } from '../words/words.ts';

interface StatusBarProps {
  readonly status: DeskStatus | null;
  readonly heardAt: number;
  readonly problem: Problem | null;
  /** Since when nothing has come from the server, ms since 1970; null: it is heard. */
  readonly silentSince: number | null;
  readonly edition: string;
}

/** Canaries come every 10 s; one may be late. */
const provenWithinMs = 25_000;

/** Whether delivery is proven. A fault looks different from a success. */
export function StatusBar({ status, heardAt, problem, silentSince, edition }: StatusBarProps) {
  const { words, say } = useWords();
  const { clock } = useTimes();
  const now = useNow(1_000);
  if (problem ? problem.status !== 401 : silentSince !== null) {
    return (
      <p class="service broken" role="alert">
        {problem && <strong>{problem.status === 0 ? words.status.noAnswer : words.status.noLog}</strong>}
        {silentSince !== null && (
          <strong class="silent">{say(words.status.silent, { time: clock(silentSince) })}</strong>
        )}
      </p>
    );
  }
  if (!status) return <p class="service">…</p>;
  const ageMs = status.provenAgoMs === null ? null : status.provenAgoMs + now - heardAt;
  const isProven = ageMs !== null && ageMs < provenWithinMs;
  const { durability } = status;
  const readers = status.readers[edition];
  return (
    <p class={`service ${isProven ? 'fine' : 'doubtful'}`}>
      <span class="state">
        {isProven
          ? say(words.status.proven, { seconds: Math.max(0, Math.round(ageMs / 1_000)) })
          : words.status.unproven}
      </span>
      {readers !== undefined && <span class="readers">{say(words.status.readers, { count: readers })}</span>}
      {durability !== null && (
        <span class={`storage ${durability === 'weak' ? 'weak' : ''}`}>{words.status.storage[durability]}</span>
      )}
    </p>
  );
}
