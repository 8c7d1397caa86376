import { useNow } from '../browser/polling.ts';
import type { DeskStatus, Problem } from '../remote/desk-api.ts';
import { useWords } from '../words/words.ts';

interface StatusBarProps {
  readonly status: DeskStatus | null;
  readonly heardAt: number;
  readonly problem: Problem | null;
  readonly edition: string;
}

/** Canaries come every 10 s; one may be late. */
const provenWithinMs = 25_000;

/** Whether delivery is proven. A fault looks different from a success. */
export function StatusBar({ status, heardAt, problem, edition }: StatusBarProps) {
  const { words, say } = useWords();
  const now = useNow(1_000);
  if (problem && problem.status !== 401) {
    return (
      <p class="service broken" role="alert">
        <strong>{problem.status === 0 ? words.status.noAnswer : words.status.noLog}</strong>
      </p>
    );
  }
  if (!status) return <p class="service">…</p>;
  const ageMs = status.provenAgoMs === null ? null : status.provenAgoMs + now - heardAt;
  const isProven = ageMs !== null && ageMs < provenWithinMs;
  const readers = status.readers[edition];
  return (
    <p class={`service ${isProven ? 'fine' : 'doubtful'}`}>
      <span class="state">
        {isProven
          ? say(words.status.proven, { seconds: Math.max(0, Math.round(ageMs / 1_000)) })
          : words.status.unproven}
      </span>
      {readers !== undefined && <span class="readers">{say(words.status.readers, { count: readers })}</span>}
    </p>
  );
}
