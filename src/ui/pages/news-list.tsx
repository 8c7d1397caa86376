import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { lineOf, type PublicItem } from '../../item/item.ts';
import { itemPath } from '../news/paths.ts';
import { zonedTime } from '../news/time-text.ts';
import { stringsOf } from '../strings/strings.ts';
import { Guarded } from './guarded.tsx';
import { lineStyleOf, listQuery, type NewsModel } from './model.ts';
import type { NewsView } from './news-store.ts';
import { StateWords } from './state-words.tsx';
import { Update } from './update.tsx';

interface NewsListProps {
  readonly model: NewsModel;
  readonly view: NewsView;
  onShowWaiting(): void;
  onOlder(): Promise<void>;
}

/** The news of a live, section, region or topic page. It is complete as rendered by the server, and live in the browser. */
export function NewsList({ model, view, onShowWaiting, onOlder }: NewsListProps) {
  const { edition } = model;
  const strings = stringsOf('pages', edition.language);
  const style = lineStyleOf(edition, view.now);
  const updatesOf = useUpdates();
  const isLive = !model.isArchive;
  return (
    <div class="news">
      <div class="head">
        <h1>{model.title}</h1>
        {isLive && <StateWords state={view.state} style={style} />}
        <Choice model={model} />
      </div>
      <div class="columns">
        <section class="updates" aria-labelledby="updates">
          <h2 id="updates">{strings.updates}</h2>
          <p class="waiting" aria-live="polite">
            {view.waiting > 0 && (
              <button type="button" onClick={onShowWaiting}>
                <span>{strings.waiting.replace('{count}', String(view.waiting))}</span>
              </button>
            )}
          </p>
          {view.items.length === 0 && <p class="none">{strings.noUpdates}</p>}
          <ol>{updatesOf(model, view)}</ol>
          <nav class="paging" aria-label={strings.older}>
            {!isLive && <a href={listQuery(model.filter) || '?'}>{strings.newest}</a>}
            {view.next !== null && (
              <a
                class="older"
                href={listQuery(model.filter, view.next)}
                onClick={(event) => {
                  if (view.now === null) return;
                  event.preventDefault();
                  void onOlder();
                }}
              >
                {strings.older}
              </a>
            )}
          </nav>
        </section>
        {!isFlashesOnly(model) && <KeyMoments model={model} items={view.key} shown={view.items} />}
      </div>
    </div>
  );
}

function isFlashesOnly({ filter }: NewsModel): boolean {
  return filter.urgencies.length > 0;
}

/** All reports, or the flashes alone: links, so that the choice has an address. */
function Choice({ model }: { readonly model: NewsModel }) {
  const strings = stringsOf('pages', model.edition.language);
  const isShort = isFlashesOnly(model);
  const link = (path: string, text: string, isCurrent: boolean) => (
    <li>
      <a href={path} {...(isCurrent && { 'aria-current': 'true' })}>
        {text}
      </a>
    </li>
  );
  return (
    <nav class="choice" aria-label={strings.choice}>
      <ul>
        {link('?', strings.allReports, !isShort)}
        {link(listQuery({ urgencies: ['flash'] }), strings.flashesOnly, isShort)}
      </ul>
    </nav>
  );
}

/** The updates as last drawn. */
interface Drawn {
  readonly now: number | null;
  readonly updates: ReadonlyMap<PublicItem, VNode>;
  readonly fresh: ReadonlySet<string>;
}

/**
 * The updates of a page, which may be hundreds. An unchanged update keeps its elements, so that a new line costs one line.
 */
function useUpdates() {
  const drawn = useRef<Drawn>({ now: null, updates: new Map(), fresh: new Set() });
  return ({ edition, labels }: NewsModel, { items, now, fresh }: NewsView): readonly VNode[] => {
    const strings = stringsOf('pages', edition.language);
    const style = lineStyleOf(edition, now);
    const last = drawn.current;
    const before = (item: PublicItem) =>
      last.now === now && last.fresh.has(item.id) === fresh.has(item.id) ? last.updates.get(item) : undefined;
    const updates = new Map(
      items.map((item) => [
        item,
        before(item) ?? (
          <Guarded key={item.id} item={item} as="li">
            <Update item={item} style={style} strings={strings} labels={labels} isNew={fresh.has(item.id)} />
          </Guarded>
        ),
      ]),
    );
    drawn.current = { now, updates, fresh };
    return [...updates.values()];
  };
}

const mostMoments = 5;

interface KeyProps {
  readonly model: NewsModel;
  readonly items: readonly PublicItem[];
  readonly shown: readonly PublicItem[];
}

/** The flashes. Each links to its place on this page, or to its own page when it is older. */
function KeyMoments({ model, items, shown }: KeyProps) {
  const { edition } = model;
  const { time } = lineStyleOf(edition, null);
  const usable = items.filter((item) => item.status === 'usable').slice(0, mostMoments);
  return (
    <aside class="key" aria-labelledby="key" hidden={usable.length === 0}>
      <h2 id="key">{stringsOf('pages', edition.language).keyMoments}</h2>
      <ol>
        {usable.map((item) => (
          <li key={item.id} lang={item.language} dir={item.dir}>
            <time dateTime={item.publishedAt}>{zonedTime(Date.parse(item.publishedAt), Date.now(), time)}</time>
            <a href={shown.some(({ id }) => id === item.id) ? `#${item.id}` : itemPath(item)}>
              <bdi dir={item.dir}>{lineOf(item)}</bdi>
            </a>
          </li>
        ))}
      </ol>
    </aside>
  );
}
