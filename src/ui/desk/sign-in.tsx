import { useState } from 'preact/hooks';
import type { DeskApi, Problem, SignedIn } from './desk-api.ts';
import { focusOnOpen } from './focus.ts';
import { ProblemBox } from './problem-box.tsx';

/** Asks for the key once; the server keeps the session in a cookie, this page keeps nothing. */
export function SignIn({
  api,
  problem: first,
  onSignedIn,
}: {
  readonly api: DeskApi;
  readonly problem: Problem | null;
  onSignedIn(who: SignedIn): void;
}) {
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
    <form class="sign-in card" onSubmit={submit}>
      <h1>Desk</h1>
      <label>
        Your key
        <input
          type="password"
          autoComplete="current-password"
          placeholder="fw_…"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
          ref={focusOnOpen}
          required
        />
      </label>
      <button type="submit" class="primary" disabled={busy}>
        Sign in
      </button>
      <ProblemBox problem={problem} />
    </form>
  );
}
