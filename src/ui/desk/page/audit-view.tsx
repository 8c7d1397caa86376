import { useEffect, useState } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk } from '../desk-context.ts';
import type { AuditEvent } from '../remote/answers.ts';
import type { Problem } from '../remote/desk-api.ts';
import { useWords } from '../words/words.ts';

/** The audit trail: who did what, when, with which key. The newest page first, older pages on request, all of it as a file. */
export function AuditView() {
  const { api } = useDesk();
  const { words } = useWords();
  const [events, setEvents] = useState<readonly AuditEvent[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async (before: number | null) => {
    const answer = await api.audit(before);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    if (answer.type === 'problem') return;
    setEvents((newer) => [...(before === null ? [] : newer), ...answer.value.events]);
    setNext(answer.value.next);
  };
  useEffect(() => void load(null), []);
  return (
    <section class="audit">
      <h2>{words.audit.title}</h2>
      <p class="row">
        <a href="#desk">{words.audit.back}</a>
        <a href="/v1/audit?format=csv" download="flashwire-audit.csv">
          {words.audit.export}
        </a>
      </p>
      <ProblemBox problem={problem} />
      <AuditTable events={events} />
      {next !== null && (
        <button type="button" onClick={() => void load(next)}>
          {words.audit.older}
        </button>
      )}
    </section>
  );
}

function AuditTable({ events }: { readonly events: readonly AuditEvent[] }) {
  const { words, say } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways has to be reachable by key
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.audit.when}</th>
            <th scope="col">{words.audit.who}</th>
            <th scope="col">{words.audit.what}</th>
            <th scope="col">{words.audit.item}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={`${event.at} ${event.action} ${event.itemId}`}>
              <td>
                <time dateTime={event.at} dir="ltr">
                  {event.at.replace('T', ' ').replace('Z', '')}
                </time>
              </td>
              <td>{say(words.audit.of, { name: event.name, key: event.keyId })}</td>
              <td>
                <code>{event.action}</code> <bdi>{event.detail}</bdi>
              </td>
              <td>
                {event.itemId !== '' && (
                  <code dir="ltr">
                    {event.edition} {event.itemId} v{event.version}
                  </code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
