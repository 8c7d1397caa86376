import { systemClock } from '../../client/clock.ts';
import { Announcer } from '../news/announcer.ts';
import { stringsOf } from '../strings/strings.ts';
import { jsonLdOf } from './json-ld.ts';
import type { NewsModel } from './model.ts';
import type { NewsStore } from './news-store.ts';

/** Within this distance of the top, a reader sees new items. */
const topPx = 100;

/** JSON-LD is for machines, so it waits until the page is drawn. */
const jsonLdMs = 250;

/** Updates the JSON-LD with the news. It changes text nodes only, which cannot run. */
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

/** Two live regions for a page without a ticker. */
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
