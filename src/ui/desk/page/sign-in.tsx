import { useEffect, useState } from 'preact/hooks';
import { type Words, wordsIn } from '../../../item/site.ts';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { focusOnOpen } from '../browser/focus.ts';
import type { DeskApi, Problem, SignedIn } from '../remote/desk-api.ts';
import { type DeskWords, useWords } from '../words/words.ts';
import { LanguageChoice } from './language-choice.tsx';

interface SignInProps {
  readonly api: DeskApi;
  /** The name of the site. */
  readonly name: Words;
  readonly problem: Problem | null;
  /** A session has ended by itself, and what the editor was writing is kept. */
  readonly isInterrupted: boolean;
  onSignedIn(who: SignedIn): void;
  onLanguage(language: string): void;
}

/** Asks for the key once. The server stores the session in a cookie; this page stores nothing. */
export function SignIn({ api, name, problem: first, isInterrupted, onSignedIn, onLanguage }: SignInProps) {
  const { words } = useWords();
  const [key, setKey] = useState('');
  const [problem, setProblem] = useState(first);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!isInterrupted) return;
    // Another window of this browser may have signed in.
    const ask = async () => {
      const answer = await api.session();
      if (answer.type === 'ok') onSignedIn(answer.value);
    };
    const onFocus = () => void ask();
    addEventListener('focus', onFocus);
    return () => removeEventListener('focus', onFocus);
  }, [api, isInterrupted, onSignedIn]);
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
        <h1>
          <bdi class="newsroom">{wordsIn(name, words.language)}</bdi> {words.title}
        </h1>
        <p class="site" dir="ltr">
          {location.host}
        </p>
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
        <SignInProblem problem={problem} isInterrupted={isInterrupted} />
        <LanguageChoice onLanguage={onLanguage} />
      </form>
    </main>
  );
}

/** One message: why nobody is signed in, and what to do. */
function SignInProblem({ problem, isInterrupted }: Pick<SignInProps, 'problem' | 'isInterrupted'>) {
  const { words } = useWords();
  const text = problem === null ? isInterrupted && words.sessionOver : reasons(words)[problem.status];
  if (text === undefined) return <ProblemBox problem={problem} />;
  return text === false ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

/** By the status of the answer; 0: there was none. */
function reasons({ wrongKey, manyWrongKeys, noSignIn }: DeskWords): Readonly<Record<number, string>> {
  return { 0: noSignIn, 401: wrongKey, 429: manyWrongKeys };
}

/** Plain HTTP is safe on the machine itself only. */
export function isReadableOnTheWay({ protocol, hostname }: Pick<Location, 'protocol' | 'hostname'>): boolean {
  const isOwn = hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]';
  return protocol === 'http:' && !isOwn && !/^127\.\d+\.\d+\.\d+$/.test(hostname);
}
