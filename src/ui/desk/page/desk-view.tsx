import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { wordsIn } from '../../../item/site.ts';
import { AuditView } from '../audit/audit-view.tsx';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useEditionAddress } from '../browser/edition-address.ts';
import { type FormStore, openFormStore } from '../browser/form-store.ts';
import { useDeskFeed, useItems, useOthers, useSilence, useStatus } from '../browser/live.ts';
import { Composer } from '../composer/composer.tsx';
import { TopicsContext } from '../composer/facet-picker.tsx';
import { RateFuse } from '../composer/rate-fuse.ts';
import { DeskContext, EditionContext, FormsContext, useDesk, useEdition } from '../desk-context.ts';
import { type Filter, ItemList, statesOf } from '../list/item-list.tsx';
import { useLastHidden } from '../list/last-hidden.ts';
import { useLinkedLine } from '../list/linked-line.ts';
import { PeopleView } from '../people/people-view.tsx';
import type { DeskApi, SignedIn } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import type { DeskSite } from '../remote/desk-site.ts';
import { SourcesContext, useSources } from '../sources/use-sources.ts';
import { storageOf } from '../words/language.ts';
import { useWords } from '../words/words.ts';
import { DeskHeader } from './desk-header.tsx';
import { tintOf } from './edition-mark.tsx';
import { HeldBar } from './held-bar.tsx';
import { useHeldLines } from './held-lines.ts';
import { NoEdition } from './no-edition.tsx';
import { StatusBar } from './status-bar.tsx';
import { StopBar } from './stop-bar.tsx';

interface DeskViewProps {
  readonly api: DeskApi;
  readonly site: DeskSite;
  readonly who: SignedIn;
  /** False after the session has ended, until the next sign-in: the desk is out of sight. */
  readonly isSignedIn: boolean;
  onLanguage(language: string): void;
  onSwitchOver(): void;
  onSignOut(): void;
  /** The session has ended by itself. */
  onSignedOut(): void;
}

/** The page after sign-in: the status of the service, and below it one edition or the audit trail. */
export function DeskView({ api, site, who, isSignedIn, onSignedOut, ...menu }: DeskViewProps) {
  const { words, isTest } = useWords();
  const editions = site.editions.filter(
    (edition) => who.editions === null || who.editions.includes('*') || who.editions.includes(edition.id),
  );
  const ids = editions.map(({ id }) => id);
  const { editionId, goTo } = useEditionAddress(ids);
  const { place, query } = useAddress();
  const isDesk = place !== 'audit' && place !== 'people';
  const linked = linkedLine(place, query);
  useEffect(() => {
    if (linked && linked.edition !== editionId && ids.includes(linked.edition)) goTo(linked.edition);
  }, [linked?.edition]);
  const edition = editions.find((candidate) => candidate.id === editionId);
  const feed = useDeskFeed({ api, editions: ids, who: who.keyId, isSignedIn, onSignedOut });
  const { status, heardAt, problem, refresh } = useStatus(api, feed);
  const silentSince = useSilence(feed);
  useEffect(() => {
    document.title = [
      ...(isTest ? ['TEST'] : []),
      edition?.name ?? editionId,
      words.title,
      wordsIn(site.name, words.language),
    ].join(' · ');
  }, [edition, editionId, isTest, site, words]);
  // A rehearsal has no STOP.
  const stopped = isTest ? null : (status?.stopped ?? null);
  const readers = isTest ? noReaders : (status?.readers ?? noReaders);
  const mayPublish = who.may.includes('publish');
  const desk = { api, feed, site, who, editions, mayPublish, readers, stopped, goTo };
  return (
    <DeskContext.Provider value={desk}>
      <div class={isTest ? 'desk rehearsal' : 'desk'} data-tint={tintOf(site.editions, { id: editionId })}>
        {isTest && (
          <section class="test-bar" aria-label="TEST">
            {words.rehearsal}
          </section>
        )}
        <DeskHeader edition={editionId} place={place} onEdition={goTo} {...menu} />
        <EditionContext.Provider value={edition ?? null}>
          <main>
            <StatusBar
              status={status}
              heardAt={heardAt}
              problem={problem}
              silentSince={silentSince}
              edition={editionId}
            />
            {!isTest && <StopBar onTurned={refresh} />}
            {place === 'audit' && <AuditView query={query} />}
            {place === 'people' && <PeopleView />}
            {!edition && isDesk && <NoEdition id={editionId} />}
            {edition && (
              <div class="edition-desk" hidden={!isDesk}>
                <EditionDesk key={edition.id} linkedId={linked?.edition === edition.id ? linked.id : null} />
              </div>
            )}
          </main>
        </EditionContext.Provider>
      </div>
    </DeskContext.Provider>
  );
}

/** Not known, or a rehearsal. */
const noReaders: Readonly<Record<string, number>> = {};

interface EditionDeskProps {
  /** The line that the address names; null: none. */
  readonly linkedId: string | null;
}

/** The composer, the held lines, and the list. */
function EditionDesk({ linkedId }: EditionDeskProps) {
  const { api, feed, editions } = useDesk();
  const { words } = useWords();
  const edition = useEdition();
  const [filter, setFilter] = useState<Filter>('all');
  const [replaces, setReplaces] = useState<DeskItem | null>(null);
  const list = useItems({ api, feed, edition: edition.id, states: statesOf(filter) });
  const others = useOthers(
    feed,
    editions.map(({ id }) => id),
  );
  useEffect(() => {
    if (linkedId !== null) setFilter('all');
  }, [linkedId]);
  const isMissing = useLinkedLine(list, linkedId);
  const lastHidden = useLastHidden();
  const fuse = useMemo(() => new RateFuse(() => Date.now()), []);
  const forms = useFormStore();
  const lines = useHeldLines(list, forms);
  return (
    <EditionContexts forms={forms} topics={[...list.items, ...others].flatMap(({ body }) => body.topics)}>
      <div class="writing">
        <Composer
          known={[...list.items, ...others.filter((item) => item.edition !== edition.id)]}
          fuse={fuse}
          replaces={replaces}
          returned={lines.returned[0] ?? null}
          onTaken={lines.taken}
          onUnlinked={() => setReplaces(null)}
          onEscape={() => {
            if (!closePopup()) lines.undoOwn();
          }}
          onDone={list.refresh}
          onAccepted={(fields, { id, state }) => {
            const { language, dir } = edition;
            if (state === 'held') lines.accepted({ id, body: { language, dir, ...fields } });
            lastHidden.set(null);
            if (fields.replaces !== undefined && fields.replaces === replaces?.id) setReplaces(null);
          }}
        />
        {/* No answer and no log are said on top, for the whole page. */}
        {list.problem && list.problem.status !== 0 && list.problem.status < 500 && (
          <ProblemBox problem={list.problem} />
        )}
        <HeldBar
          held={lines.held}
          clockOffset={list.clockOffset}
          said={lines.said}
          onUndo={(item) => void lines.undo(item)}
        />
        {isMissing && (
          <p class="warning" role="status">
            {words.audit.notListed}
          </p>
        )}
      </div>
      <ItemList
        list={list}
        filter={filter}
        lastHidden={lastHidden}
        onFilter={setFilter}
        onUndo={(item) => void lines.undo(item)}
        onReplace={setReplaces}
      />
    </EditionContexts>
  );
}

/** What this browser keeps of the forms of the edition, for this key. */
function useFormStore(): FormStore {
  const { who } = useDesk();
  const { isTest } = useWords();
  const edition = useEdition();
  return useMemo(() => openFormStore(storageOf(window), { keyId: who.keyId, edition: edition.id, isTest }), []);
}

interface EditionContextsProps {
  readonly forms: FormStore;
  /** The topics in use. */
  readonly topics: readonly string[];
  readonly children: ComponentChildren;
}

/** What the forms of the edition share. */
function EditionContexts({ forms, topics, children }: EditionContextsProps) {
  const edition = useEdition();
  return (
    <FormsContext.Provider value={forms}>
      <SourcesContext.Provider value={useSources(edition.id)}>
        <TopicsContext.Provider value={topics}>{children}</TopicsContext.Provider>
      </SourcesContext.Provider>
    </FormsContext.Provider>
  );
}

/** Closes an open menu or help; false when none is open. */
function closePopup(): boolean {
  const popup = document.querySelector('details.menu[open], details.shortcuts[open]');
  popup?.removeAttribute('open');
  return popup !== null;
}

interface Address {
  /** `audit`, `people`, `line`, or anything else for the desk. */
  readonly place: string;
  readonly query: string;
}

/** What the part of the address after # names: `#audit?person=..`. */
function useAddress(): Address {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  const [place = '', query = ''] = hash.slice(1).split('?');
  return { place, query };
}

function linkedLine(place: string, query: string): { readonly edition: string; readonly id: string } | null {
  const read = new URLSearchParams(query);
  const [edition, id] = [read.get('edition'), read.get('id')];
  return place === 'line' && edition && id ? { edition, id } : null;
}
