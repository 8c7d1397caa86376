import { type ComponentChildren, render } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { renewText } from '../../dom/renewed-text.ts';
import { fill } from '../../strings/message.ts';
import { readPageStrings } from '../../strings/page-strings.ts';
import { stringsOf } from '../../strings/strings.ts';
import { write } from '../browser/memory.ts';
import { DeskApi, type Problem, type SignedIn } from '../remote/desk-api.ts';
import { type DeskSite, readDeskSite } from '../remote/desk-site.ts';
import { SessionFetch } from '../remote/session-fetch.ts';
import { fetchWords, preferredLanguage, rememberLanguage, storageOf } from '../words/language.ts';
import { type DeskWords, WordingContext, wordingOf } from '../words/words.ts';
import { DeskView } from './desk-view.tsx';
import { SignIn } from './sign-in.tsx';

type Session =
  | { readonly type: 'asking' }
  /** `kept`: whose session ended by itself. What they were writing stays, out of sight, until somebody signs in. */
  | { readonly type: 'signed out'; readonly problem: Problem | null; readonly kept: SignedIn | null }
  | { readonly type: 'signed in'; readonly who: SignedIn };

const none: SignedIn['keyEditions'] = [];

interface DeskProps {
  readonly site: DeskSite;
  /** In the language of this browser. */
  readonly firstWords: DeskWords;
  readonly linkKey: string | null;
  /** True when a page of another site linked here. */
  readonly isFromElsewhere: boolean;
}

function Desk({ site, firstWords, linkKey, isFromElsewhere }: DeskProps) {
  const [words, setWords] = useState(firstWords);
  const [isTest, setTest] = useState(false);
  const [session, setSession] = useState<Session>({ type: 'asking' });
  const onSignedIn = useCallback((who: SignedIn) => {
    write(storageOf(window), sessionMark, 1);
    requests.signedIn();
    setSession({ type: 'signed in', who });
  }, []);
  const onOver = useCallback(() => {
    setSession((before) =>
      before.type === 'signed in' ? { type: 'signed out', problem: null, kept: before.who } : before,
    );
  }, []);
  useEffect(() => requests.listen(onOver), [onOver]);
  const choose = (language: string) => {
    rememberLanguage(storageOf(window), language);
    void fetchWords(language).then((chosen) => chosen && setWords(chosen));
  };
  // Before the next paint: no frame shows the words of one language in the direction of another.
  useLayoutEffect(() => {
    document.documentElement.lang = words.language;
    document.documentElement.dir = words.dir;
  }, [words]);
  useEffect(() => {
    const ask = async () => {
      const mayBeSignedIn = linkKey === null || storageOf(window)?.getItem(sessionMark) === '1';
      const before = mayBeSignedIn ? await siteApi.session() : null;
      const signedIn = before?.type === 'ok' ? before.value : null;
      const isUsed =
        linkKey !== null && ((!signedIn && !isFromElsewhere) || (await maySignIn(linkKey, signedIn, firstWords)));
      const answer = isUsed ? await siteApi.signIn(linkKey) : before;
      if (answer?.type === 'ok') return onSignedIn(answer.value);
      const problem = answer?.problem ?? null;
      setSession({ type: 'signed out', problem: !isUsed && problem?.status === 401 ? null : problem, kept: null });
    };
    void ask();
  }, [linkKey, isFromElsewhere, firstWords, onSignedIn]);
  const who = whoOf(session);
  const keyEditions = who?.keyEditions ?? none;
  const whole = useMemo(() => ({ ...site, editions: [...site.editions, ...keyEditions] }), [site, keyEditions]);
  const wording = useMemo(() => wordingOf(words, isTest), [words, isTest]);
  return (
    <WordingContext.Provider value={wording}>
      {session.type === 'asking' && <p class="empty">{words.signingIn}</p>}
      {session.type === 'signed out' && (
        <SignIn
          api={siteApi}
          name={site.name}
          problem={session.problem}
          isInterrupted={session.kept !== null}
          onSignedIn={onSignedIn}
          onLanguage={choose}
        />
      )}
      {who && (
        <OutOfSight isOn={session.type === 'signed out'}>
          <DeskView
            key={`${who.keyId} ${isTest}`}
            api={isTest ? testApi : siteApi}
            site={whole}
            who={who}
            onLanguage={choose}
            onSwitchOver={() => setTest(!isTest)}
            onSignOut={() =>
              void siteApi.signOut().then(() => setSession({ type: 'signed out', problem: null, kept: null }))
            }
            isSignedIn={session.type === 'signed in'}
            onSignedOut={endSession}
          />
        </OutOfSight>
      )}
    </WordingContext.Provider>
  );
}

/** Whose desk is there: in use, or out of sight. */
function whoOf(session: Session): SignedIn | null {
  if (session.type === 'asking') return null;
  return session.type === 'signed in' ? session.who : session.kept;
}

/** Hides what an editor was writing, and afterwards puts the cursor back where it was. */
function OutOfSight({ isOn, children }: { readonly isOn: boolean; readonly children: ComponentChildren }) {
  const focused = useRef<Element | null>(null);
  if (isOn) focused.current ??= document.activeElement;
  useEffect(() => {
    if (isOn) return;
    if (focused.current instanceof HTMLElement) focused.current.focus();
    focused.current = null;
  }, [isOn]);
  return <div hidden={isOn}>{children}</div>;
}

/** Marks that there was a session. The page cannot read the session's cookie. */
const sessionMark = 'flashwire-signed-in';

/** A link must not sign an editor in under another name unnoticed. An invalid link ends no session. */
async function maySignIn(linkKey: string, signedIn: SignedIn | null, words: DeskWords): Promise<boolean> {
  const owner = await siteApi.ownerOf(linkKey);
  if (owner.type !== 'ok') return signedIn === null;
  if (owner.value.keyId === signedIn?.keyId) return false;
  const { name } = owner.value;
  return window.confirm(
    signedIn
      ? fill(words.signInInstead, { name: signedIn.name, owner: name })
      : fill(words.signInByLink, { owner: name }),
  );
}

/** The key of a sign-in link, `/desk#key=fw_...`. It is removed from the address bar and the history first. */
function takeLinkKey(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key !== null) history.replaceState(null, '', location.pathname + location.search);
  return key;
}

renewText();
readPageStrings();
const requests = new SessionFetch((path, init) => fetch(path, init));
const ask = (path: string, init: RequestInit) => requests.send(path, init);
const endSession = () => requests.end();
const siteApi = new DeskApi(ask);
const testApi = new DeskApi(ask, true);
const root = document.querySelector<HTMLElement>('#desk');
const siteText = document.querySelector('#site')?.textContent;
if (root && siteText) {
  const isFromElsewhere = root.dataset['from'] === 'elsewhere';
  const [site, linkKey] = [readDeskSite(siteText), takeLinkKey()];
  const language = preferredLanguage(storageOf(window), navigator.languages);
  void fetchWords(language).then((words) => {
    const firstWords = words ?? stringsOf('desk', 'en');
    render(<Desk site={site} firstWords={firstWords} linkKey={linkKey} isFromElsewhere={isFromElsewhere} />, root);
  });
}
