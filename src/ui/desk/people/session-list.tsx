import { useEffect, useRef } from 'preact/hooks';
import type { Session } from '../remote/access.ts';
import { momentText } from '../words/moment.tsx';
import { useWords } from '../words/words.ts';

interface SessionsOfProps {
  readonly sessions: readonly Session[];
  /** Only those of this key; empty: of everyone. */
  readonly keyId: string;
  onKey(keyId: string): void;
  onEnd(session: Session): Promise<void>;
  onRefresh(): Promise<void>;
}

/** The open sessions of everyone or of one key. Ending one is no loss: its owner signs in again. */
export function SessionsOf({ sessions, keyId, onKey, onEnd, onRefresh }: SessionsOfProps) {
  const { words } = useWords();
  const { people } = words;
  const choice = useRef<HTMLSelectElement>(null);
  const owners = new Map(sessions.map((session) => [session.keyId, session.name]));
  useEffect(() => {
    if (keyId !== '') choice.current?.focus();
  }, [keyId]);
  return (
    <section class="sessions" aria-labelledby="sessions-title">
      <h3 id="sessions-title">{people.sessions}</h3>
      <p class="row">
        <label>
          {people.of}
          <select name="of" ref={choice} value={keyId} onChange={(event) => onKey(event.currentTarget.value)}>
            <option value="">{people.everyone}</option>
            {[...owners].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => void onRefresh()}>
          {people.refresh}
        </button>
      </p>
      <ul>
        {sessions
          .filter((session) => keyId === '' || session.keyId === keyId)
          .map((session) => (
            <li key={session.id} class="session">
              <strong>
                <bdi>{session.name}</bdi>
              </strong>{' '}
              <SessionText session={session} />
              <button type="button" aria-label={`${people.end}: ${session.name}`} onClick={() => void onEnd(session)}>
                {people.end}
              </button>
            </li>
          ))}
      </ul>
    </section>
  );
}

/** By what a person recognises a session: its browser, and when it was used. */
export function SessionText({ session }: { readonly session: Session }) {
  const { words, say } = useWords();
  const { people, language } = words;
  const { browser, startedAt, lastSeenAt, isCurrent } = session;
  return (
    <span class="facts">
      <bdi>{browser === '' ? people.unknownBrowser : browser}</bdi>
      {isCurrent && <span class="role">{people.thisBrowser}</span>}
      {startedAt !== null && <span>{say(people.since, { time: momentText(startedAt, language) })}</span>}
      {lastSeenAt !== null && <span>{say(people.lastSeen, { time: momentText(lastSeenAt, language) })}</span>}
    </span>
  );
}
