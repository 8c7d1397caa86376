import { render } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { renewText } from '../dom/renewed-text.ts';
import { DeskApi, type Problem, type SignedIn } from './desk-api.ts';
import { type DeskSite, readDeskSite } from './desk-site.ts';
import { DeskView } from './desk-view.tsx';
import { SignIn } from './sign-in.tsx';
import { preferredLanguage, rememberLanguage, SayingContext, storageOf } from './words/language.ts';
import type { DeskWords } from './words/words.ts';

type Session =
  | { readonly type: 'asking' }
  | { readonly type: 'signed out'; readonly problem: Problem | null }
  | { readonly type: 'signed in'; readonly who: SignedIn };

const none: SignedIn['keyEditions'] = [];

interface DeskProps {
  readonly site: DeskSite;
  readonly linkKey: string | null;
}

function Desk({ site, linkKey }: DeskProps) {
  const [words, setWords] = useState(() => preferredLanguage(storageOf(window), navigator.languages));
  const [isTest, setTest] = useState(false);
  const [session, setSession] = useState<Session>({ type: 'asking' });
  const onSignedIn = useCallback((who: SignedIn) => {
    storageOf(window)?.setItem(sessionMark, '1');
    setSession({ type: 'signed in', who });
  }, []);
  const onSignedOut = useCallback(() => setSession({ type: 'signed out', problem: null }), []);
  const choose = (chosen: DeskWords) => {
    rememberLanguage(storageOf(window), chosen.language);
    setWords(chosen);
  };
  useEffect(() => {
    document.documentElement.lang = words.language;
    document.documentElement.dir = words.dir;
  }, [words]);
  useEffect(() => {
    const ask = async () => {
      const mayBeSignedIn = linkKey === null || storageOf(window)?.getItem(sessionMark) === '1';
      const before = mayBeSignedIn ? await siteApi.session() : null;
      const isKept = before?.type === 'ok' && linkKey !== null && !mayReplace(before.value.name, linkKey);
      const answer = before && (isKept || linkKey === null) ? before : await siteApi.signIn(linkKey ?? '');
      if (answer.type === 'ok') return onSignedIn(answer.value);
      setSession({
        type: 'signed out',
        problem: linkKey === null && answer.problem.status === 401 ? null : answer.problem,
      });
    };
    void ask();
  }, [linkKey, onSignedIn]);
  const keyEditions = session.type === 'signed in' ? session.who.keyEditions : none;
  const whole = useMemo(() => ({ ...site, editions: [...site.editions, ...keyEditions] }), [site, keyEditions]);
  const verbs = isTest ? words.test : words.live;
  return (
    <SayingContext.Provider value={{ words, verbs, isTest }}>
      {session.type === 'asking' && <p class="empty">{words.signingIn}</p>}
      {session.type === 'signed out' && <SignIn api={siteApi} problem={session.problem} onSignedIn={onSignedIn} />}
      {session.type === 'signed in' && (
        <DeskView
          key={String(isTest)}
          api={isTest ? testApi : siteApi}
          site={whole}
          who={session.who}
          onLanguage={choose}
          onSwitchOver={() => setTest(!isTest)}
          onSignedOut={onSignedOut}
        />
      )}
    </SayingContext.Provider>
  );
}

/** Says that there has been a session: its cookie is out of the page's sight. */
const sessionMark = 'flashwire-signed-in';

/** A link of another page must not make someone work under another name without noticing it. */
function mayReplace(name: string, linkKey: string): boolean {
  const words = preferredLanguage(storageOf(window), navigator.languages);
  return window.confirm(words.signInInstead(name, linkKey.split('_')[1] ?? ''));
}

/** The key of a sign-in link, `/desk#key=fw_...`. It leaves the address bar and the history before anything else happens. */
function takeLinkKey(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key !== null) history.replaceState(null, '', location.pathname + location.search);
  return key;
}

renewText();
const ask = (path: string, init: RequestInit) => fetch(path, init);
const siteApi = new DeskApi(ask);
const testApi = new DeskApi(ask, true);
const root = document.querySelector('#desk');
const siteText = document.querySelector('#site')?.textContent;
if (root && siteText) render(<Desk site={readDeskSite(siteText)} linkKey={takeLinkKey()} />, root);
