import { hydrate } from 'preact';
import { connectFeed } from '../../client/index.ts';
import { renewText } from '../dom/renewed-text.ts';
import { readPageStrings } from '../strings/page-strings.ts';
import { stringsOf } from '../strings/strings.ts';
import { showDebug } from './debug.tsx';
import { listQuery, type NewsModel } from './model.ts';
import { News } from './news.tsx';
import { NewsStore } from './news-store.ts';
import { keepJsonLd, speakNews, watchTop } from './page-effects.ts';
import { fetchOlder, followItem, followList } from './page-feed.ts';
import { countInTitle, watchSeen } from './seen.ts';
import { ShareButton } from './share-button.tsx';

const tickMs = 30_000;

/** Hydrates the rendered news and keeps it up to date. */
function takeOver(root: HTMLElement, model: NewsModel): void {
  const store = new NewsStore(model);
  const showWaiting = () => {
    store.setAtTop(true);
    const isStill = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches !== false;
    scrollTo({ top: 0, behavior: isStill ? 'auto' : 'smooth' });
    root.querySelector<HTMLElement>('#updates')?.focus({ preventScroll: true });
  };
  const showOlder = async () => {
    const { next } = store.view();
    if (next === null) return;
    const older = await fetchOlder(model, next);
    if (older) store.addOlder(older.items, older.next);
    else location.search = listQuery(model.filter, next); // the server's page reports the problem
  };
  hydrate(<News model={model} store={store} onShowWaiting={showWaiting} onOlder={showOlder} />, root);
  store.tick(Date.now());
  setInterval(() => store.tick(Date.now()), tickMs);
  keepJsonLd(model, store);
  if (model.position === null) return;
  const isSpoken = model.isArchive || document.querySelector('breaking-ticker');
  const speak = isSpoken ? null : speakNews(model.edition.language);
  const debug = new URLSearchParams(location.search).has('debug') ? showDebug() : null;
  const hear: Parameters<typeof connectFeed>[0]['onFrame'] = (frame) => {
    store.hear(frame);
    speak?.hear(frame);
    debug?.hear(frame);
  };
  const options = model.view === 'item' ? followItem(model, store) : followList(model, store);
  const feed = connectFeed({
    ...options,
    onFrame: (frame) => {
      options.onFrame?.(frame);
      hear(frame);
    },
  });
  debug?.watch(feed);
  if (model.view !== 'list' || model.isArchive) return;
  watchTop(store);
  watchSeen(root, store);
  countInTitle(store);
}

/** Follows a link to an update that this page does not hold to the update's own page. */
function followAnchor(): void {
  const id = location.hash.slice(1);
  if (/^[0-9A-Z]{26}$/.test(id) && !document.getElementById(id)) location.replace(`/item/${id}`);
}

/** Hydrates the share button of an article. */
function takeOverShare(place: HTMLElement): void {
  const { path = '', title = '' } = place.dataset;
  hydrate(<ShareButton path={path} title={title} strings={stringsOf('pages', document.documentElement.lang)} />, place);
}

document.documentElement.classList.add('has-script');
renewText();
readPageStrings();
const root = document.getElementById('news');
const data = document.getElementById('model');
const share = document.getElementById('share');
if (share) takeOverShare(share);
if (root && data) {
  const model: NewsModel = JSON.parse(data.textContent ?? '');
  if (model.view === 'list') followAnchor();
  takeOver(root, model);
}
