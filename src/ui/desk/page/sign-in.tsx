import { useState } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { focusOnOpen } from '../browser/focus.ts';
import type { DeskApi, Problem, SignedIn } from '../remote/desk-api.ts';
import { useWords } from '../words/words.ts';

interface SignInProps {
  readonly api: DeskApi;
  readonly problem: Problem | null;
  onSignedIn(who: SignedIn): void;
}

/** Asks for the key once. The server stores the session in a cookie; this page stores nothing. */
export function SignIn({ api, problem: first, onSignedIn }: SignInProps) {
  const { words } = useWords();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState(first);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await api.signIn(key.trim());
    setBusy(false);
    if (answer.type === 'ok') return onSignedIn(answer.value);
    setProblem(answer.problem);
  };
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit}>
        <h1>{words.title}</h1>
        {isReadableOnTheWay(location) && <p class="warning https">{words.httpsNeeded}</p>}
        <label>
          {words.yourKey}
          <input
            type="password"
            autoComplete="current-password"
            placeholder="fw_…"
            dir="ltr"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
            ref={focusOnOpen}
            required
          />
        </label>
        <button type="submit" class="primary" disabled={busy}>
          {words.signIn}
        </button>
        <ProblemBox problem={problem} />
      </form>
    </main>
  );
}

/** Plain HTTP is safe on the machine itself only. */
export function isReadableOnTheWay({ protocol, hostname }: Pick<Location, 'protocol' | 'hostname'>): boolean {
  const isOwn = hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]';
  return protocol === 'http:' && !isOwn && !/^127\.\d+\.\d+\.\d+$/.test(hostname);
}
