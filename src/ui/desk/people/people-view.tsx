import { useEffect, useRef, useState } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk } from '../desk-context.ts';
import type { Key, KeyList, Session, SessionList } from '../remote/access.ts';
import type { Answer, Problem } from '../remote/desk-api.ts';
import { isolated, useWords } from '../words/words.ts';
import { KeyRow } from './key-row.tsx';
import { NewKeyForm } from './new-key-form.tsx';
import { SessionsOf } from './session-list.tsx';
import { ShownOnce } from './shown-once.tsx';

/** Who may do what where, and who is signed in. For those who may manage keys; the API shows them only what they manage. */
export function PeopleView() {
  const { who } = useDesk();
  const { words } = useWords();
  return (
    <section class="people" aria-labelledby="people-title">
      <h2 id="people-title">{words.people.title}</h2>
      <p class="row">
        <a href="#desk">{words.audit.back}</a>
        <a href="#audit">{words.audit.title}</a>
      </p>
      {who.may.includes('manage') ? <People /> : <p class="empty">{words.people.onlyAdmins}</p>}
    </section>
  );
}

interface Created {
  readonly name: string;
  readonly token: string;
}

function People() {
  const { api } = useDesk();
  const { words, say } = useWords();
  const { keys, roles, sessions, now, problem, load, run } = usePeople();
  const [created, setCreated] = useState<Created | null>(null);
  const [shownKey, setShownKey] = useState('');
  const [result, setResult] = useState('');
  const status = useRef<HTMLParagraphElement>(null);
  /** What was pressed is gone after it is done, so the focus moves to what is said about it. */
  const tell = (text: string) => {
    setResult(text);
    status.current?.focus();
  };
  const revoke = async (key: Key) => {
    const isDone = await run(() => api.revokeKey(key.keyId));
    if (isDone) tell(say(words.people.revokedNow, { name: isolated(key.name) }));
    return isDone;
  };
  const end = async (session: Session) => {
    if (await run(() => api.endSession(session.id))) tell(say(words.people.ended, { name: isolated(session.name) }));
  };
  const isOver = ({ revokedAt, expiresAt }: Key) => revokedAt !== null || (expiresAt !== null && expiresAt <= now);
  const row = (key: Key) => (
    <KeyRow
      key={key.keyId}
      keyOf={key}
      may={roles.find(({ role }) => role === key.role)?.may ?? null}
      isOver={isOver(key)}
      sessions={sessions.filter(({ keyId }) => keyId === key.keyId)}
      now={now}
      onSessions={() => setShownKey(key.keyId)}
      onRevoke={() => revoke(key)}
    />
  );
  const over = keys.filter(isOver);
  return (
    <>
      <p role="status" class="said" tabIndex={-1} ref={status}>
        {result}
      </p>
      <ProblemBox problem={problem} />
      {created && (
        <ShownOnce
          {...created}
          onDone={() => {
            setCreated(null);
            tell('');
          }}
        />
      )}
      <h3>{words.people.who}</h3>
      <ul class="keys">{keys.filter((key) => !isOver(key)).map(row)}</ul>
      {over.length > 0 && (
        <details>
          <summary>{say(words.people.over, { number: over.length })}</summary>
          <ul class="keys">{over.map(row)}</ul>
        </details>
      )}
      <NewKeyForm
        roles={roles}
        onCreated={(name, token) => {
          setCreated({ name, token });
          void load();
        }}
      />
      <SessionsOf sessions={sessions} keyId={shownKey} onKey={setShownKey} onEnd={end} onRefresh={load} />
    </>
  );
}

const noKeys: KeyList & SessionList = { keys: [], roles: [], sessions: [], now: 0 };

/** Keys and sessions, read when the page opens and after each change of it. */
function usePeople() {
  const { api } = useDesk();
  const [shown, setShown] = useState(noKeys);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = async () => {
    const [keys, sessions] = await Promise.all([api.keys(), api.sessions()]);
    if (keys.type === 'ok' && sessions.type === 'ok') setShown({ ...keys.value, ...sessions.value });
    setProblem(keys.type === 'problem' ? keys.problem : sessions.type === 'problem' ? sessions.problem : null);
  };
  /** True once the API has done it. */
  const run = async (ask: () => Promise<Answer<unknown>>) => {
    const answer = await ask();
    await load();
    if (answer.type === 'problem') setProblem(answer.problem);
    return answer.type === 'ok';
  };
  useEffect(() => void load(), []);
  return { ...shown, problem, load, run };
}
