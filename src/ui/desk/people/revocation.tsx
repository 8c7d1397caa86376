import { useState } from 'preact/hooks';
import { focusOnOpen } from '../browser/focus.ts';
import { useDesk } from '../desk-context.ts';
import type { Key, Session } from '../remote/access.ts';
import { isolated, useWords } from '../words/words.ts';
import { SessionText } from './session-list.tsx';

interface RevocationProps {
  readonly keyOf: Key;
  readonly sessions: readonly Session[];
  readonly now: number;
  onRevoke(): Promise<void>;
  onKeep(): void;
}

/** The API notes the use of a session once a minute, and an open desk asks at least that often. */
const inUseWithinMs = 120_000;

/** Asks before a key is revoked, and says what ends with it: this cannot be undone. */
export function Revocation({ keyOf: { keyId, name }, sessions, now, onRevoke, onKeep }: RevocationProps) {
  const { who } = useDesk();
  const { words, say } = useWords();
  const { people } = words;
  const [busy, setBusy] = useState(false);
  const inUse = sessions.filter(({ lastSeenAt }) => lastSeenAt !== null && now - lastSeenAt < inUseWithinMs);
  return (
    <div
      class="revocation"
      role="alertdialog"
      aria-labelledby={`ask-${keyId}`}
      aria-describedby={`effect-${keyId}`}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onKeep();
      }}
    >
      <p id={`ask-${keyId}`}>
        <strong>{say(people.ask, { name: isolated(name) })}</strong>
      </p>
      <div id={`effect-${keyId}`}>
        <p>
          {say(people.ends, { number: sessions.length })} {say(people.inUse, { number: inUse.length })}
        </p>
        {sessions.length > 0 && (
          <ul>
            {sessions.map((session) => (
              <li key={session.id}>
                <SessionText session={session} />
              </li>
            ))}
          </ul>
        )}
        <p>{people.endsPrograms}</p>
        {keyId === who.keyId && <p class="warning">{people.endsOwn}</p>}
      </div>
      <p class="row actions">
        <button type="button" ref={focusOnOpen} onClick={onKeep}>
          {people.keep}
        </button>
        <button
          type="button"
          class="danger"
          disabled={busy}
          onClick={() => {
            setBusy(true);
            void onRevoke().then(() => setBusy(false));
          }}
        >
          {people.revokeNow}
        </button>
      </p>
    </div>
  );
}
