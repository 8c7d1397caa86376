import { useCallback, useEffect, useState } from 'preact/hooks';
import { Composer } from './composer.tsx';
import type { DeskApi, Problem, SignedIn } from './desk-api.ts';
import type { DeskItem } from './desk-item.ts';
import type { DeskSite } from './desk-site.ts';
import { ItemList } from './item-list.tsx';
import { ProblemBox } from './problem-box.tsx';
import { StopBar } from './stop-bar.tsx';

const pollMs = 2_000;

interface DeskViewProps {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly who: SignedIn;
  onSignedOut(): void;
}

/** The desk of one edition at a time: the box, and the list under it. */
export function DeskView({ api, site, who, onSignedOut }: DeskViewProps) {
  const editions = site.editions.filter(
    (edition) => who.editions === null || who.editions.includes('*') || who.editions.includes(edition.id),
  );
  const [editionId, setEditionId] = useState(editions[0]?.id ?? '');
  const edition = editions.find((candidate) => candidate.id === editionId);
  const { items, problem, refresh } = useItems(api, editionId, onSignedOut);
  const mayPublish = who.role !== 'reporter';
  const signOut = async () => {
    await api.signOut();
    onSignedOut();
  };
  return (
    <>
      <header class="bar">
        <h1>Desk</h1>
        <label>
          Edition{' '}
          <select name="edition" value={editionId} onChange={(event) => setEditionId(event.currentTarget.value)}>
            {editions.map((choice) => (
              <option key={choice.id} value={choice.id}>
                {choice.name}
              </option>
            ))}
          </select>
        </label>
        <p class="who">
          {who.name} <span class="role">{who.role}</span>
        </p>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main>
        <StopBar api={api} mayPublish={mayPublish} />
        {edition && (
          <Composer
            key={`new ${edition.id}`}
            api={api}
            site={site}
            edition={edition}
            mayPublish={mayPublish}
            onDone={refresh}
          />
        )}
        <ProblemBox problem={problem} />
        {edition && (
          <ItemList
            key={edition.id}
            api={api}
            site={site}
            edition={edition}
            items={items}
            mayPublish={mayPublish}
            onDone={refresh}
          />
        )}
        {items.length === 0 && !problem && <p class="empty">Nothing yet in this edition.</p>}
      </main>
    </>
  );
}

/** The list, asked for every two seconds while the page can be seen, and at once after every action. */
function useItems(api: DeskApi, edition: string, onSignedOut: () => void) {
  const [list, setList] = useState<{ readonly edition: string; readonly items: readonly DeskItem[] }>({
    edition,
    items: [],
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const refresh = useCallback(async () => {
    if (edition === '') return;
    const answer = await api.items(edition);
    if (answer.type === 'ok') {
      setList({ edition, items: answer.value });
      return setProblem(null);
    }
    if (answer.problem.status === 401) return onSignedOut();
    setProblem(
      answer.problem.status === 0
        ? { ...answer.problem, detail: 'The list below may be out of date.' }
        : answer.problem,
    );
  }, [api, edition, onSignedOut]);
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refresh();
    }, pollMs);
    return () => clearInterval(timer);
  }, [refresh]);
  return { items: list.edition === edition ? list.items : [], problem, refresh };
}
