import { useEffect, useRef, useState } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk } from '../desk-context.ts';
import { type AuditEvent, auditQuery, filterIn } from '../remote/audit-page.ts';
import type { Problem } from '../remote/desk-api.ts';
import { momentText } from '../words/moment.tsx';
import { useWords } from '../words/words.ts';
import { AuditFilters } from './audit-filters.tsx';
import { EventRow } from './event-row.tsx';

/** The audit trail: who did what, when. The newest page first, older pages on request. `query` is the filter in the address. */
export function AuditView({ query }: { readonly query: string }) {
  const { words, say } = useWords();
  const filter = filterIn(query);
  const { events, next, problem, isLoading, older } = useAudit(query);
  return (
    <section class="audit" aria-labelledby="audit-title">
      <h2 id="audit-title">{words.audit.title}</h2>
      <p class="row">
        <a href="#desk">{words.audit.back}</a>
        <a href={`/v1/audit?${auditQuery(filter, { format: 'csv' })}`} download="audit.csv">
          {words.audit.export}
        </a>
      </p>
      <AuditFilters key={query} filter={filter} names={[...new Set(events.map(({ name }) => name))]} />
      <ProblemBox problem={problem} />
      <ol class="events">
        {events.map((event) => (
          <EventRow key={event.key} event={event} />
        ))}
      </ol>
      {events.length === 0 && !isLoading && !problem && (
        <p class="empty" role="status">
          {next === null
            ? words.audit.nothing
            : say(words.audit.nothingYet, { time: momentText(next, words.language) })}
        </p>
      )}
      {next !== null && (
        <button type="button" class="older" disabled={isLoading} onClick={older}>
          {words.audit.older}
        </button>
      )}
    </section>
  );
}

/** An event with a key for its row: two events can be equal. */
type KeyedEvent = AuditEvent & { readonly key: string };

interface Shown {
  readonly events: readonly KeyedEvent[];
  readonly next: number | null;
}

const none: Shown = { events: [], next: null };

/** The pages of the trail under a filter. The answer to an earlier filter is dropped. */
function useAudit(query: string) {
  const { api } = useDesk();
  const [shown, setShown] = useState(none);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isLoading, setLoading] = useState(true);
  const newest = useRef(query);
  const load = async (before: number | null) => {
    newest.current = query;
    setLoading(true);
    const answer = await api.audit(filterIn(query), before);
    if (newest.current !== query) return;
    setLoading(false);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    if (answer.type === 'problem') return;
    const { events, next } = answer.value;
    const keyed = events.map((event, at) => ({ ...event, key: `${before} ${at}` }));
    setShown((newer) => ({ events: [...(before === null ? [] : newer.events), ...keyed], next }));
  };
  useEffect(() => {
    setShown(none);
    void load(null);
  }, [query]);
  return { ...shown, problem, isLoading, older: () => void load(shown.next) };
}
