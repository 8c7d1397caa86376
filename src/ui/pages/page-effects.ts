import { systemClock } from '../../client/clock.ts';
import { Announcer } from '../news/announcer.ts';
import { stringsOf } from '../strings/strings.ts';
import { jsonLdOf } from './json-ld.ts';
import type { NewsModel } from './model.ts';
import type { NewsStore } from './news-store.ts';

/** So far from the top, a reader still sees what comes in there. */
const topPx = 100;

/** Machines can wait a little: what a reader sees comes first. */
const jsonLdMs = 250;

/** What a search engine reads in the open page changes with the news. Text nodes only: nothing here can run. */
export function keepJsonLd(model: NewsModel, store: NewsStore): void {
  const text = document.getElementById('json-ld')?.firstChild;
  if (!(text instanceof Text)) return;
  let isPlanned = false;
  store.subscribe(() => {
    if (isPlanned) return;
    isPlanned = true;
    setTimeout(() => {
      isPlanned = false;
      text.data = jsonLdOf(model, store.view().items);
    }, jsonLdMs);
  });
}

/** Two nodes that a screen reader speaks from, for a page without a ticker. */
export function speakNews(language: string): Announcer {
  const node = (politeness: string) => {
    const element = document.createElement('div');
    element.className = 'announcer';
    element.setAttribute('aria-live', politeness);
    document.body.append(element);
    return element;
  };
  const polite = node('polite');
  const assertive = node('assertive');
  return new Announcer(systemClock, stringsOf('ticker', language), (text, isUrgent) => {
    polite.textContent = isUrgent ? '' : text;
    assertive.textContent = isUrgent ? text : '';
  });
}

export function watchTop(store: NewsStore): void {
  const look = () => store.setAtTop(scrollY <= topPx);
  addEventListener('scroll', look, { passive: true });
  look();
}
