import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { DeskApi, type Problem, type SignedIn } from './desk-api.ts';
import { type DeskSite, readDeskSite } from './desk-site.ts';
import { DeskView } from './desk-view.tsx';
import { SignIn } from './sign-in.tsx';

type Session =
  | { readonly type: 'asking' }
  | { readonly type: 'signed out'; readonly problem: Problem | null }
  | { readonly type: 'signed in'; readonly who: SignedIn };

function Desk({
  api,
  site,
  linkKey,
}: {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly linkKey: string | null;
}) {
  const [session, setSession] = useState<Session>({ type: 'asking' });
  const onSignedIn = useCallback((who: SignedIn) => setSession({ type: 'signed in', who }), []);
  const onSignedOut = useCallback(() => setSession({ type: 'signed out', problem: null }), []);
  useEffect(() => {
    const ask = async () => {
      const answer = await (linkKey === null ? api.session() : api.signIn(linkKey));
      if (answer.type === 'ok') return onSignedIn(answer.value);
      setSession({
        type: 'signed out',
        problem: linkKey === null && answer.problem.status === 401 ? null : answer.problem,
      });
    };
    void ask();
  }, [api, linkKey, onSignedIn]);
  switch (session.type) {
    case 'asking':
      return <p class="empty">Signing in…</p>;
    case 'signed out':
      return <SignIn api={api} problem={session.problem} onSignedIn={onSignedIn} />;
    case 'signed in':
      return <DeskView api={api} site={site} who={session.who} onSignedOut={onSignedOut} />;
  }
}

/** The key of a sign-in link, `/desk#key=fw_...`. It leaves the address bar and the history before anything else happens. */
function takeLinkKey(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  return key;
}

const root = document.querySelector('#desk');
const siteText = document.querySelector('#site')?.textContent;
if (root && siteText) {
  const api = new DeskApi((path, init) => fetch(path, init));
  render(<Desk api={api} site={readDeskSite(siteText)} linkKey={takeLinkKey()} />, root);
}
