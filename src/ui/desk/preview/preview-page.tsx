import { render } from 'preact';
import { lineStyleOf } from '../../pages/model.ts';
import { Update } from '../../pages/update.tsx';
import { readPageStrings } from '../../strings/page-strings.ts';
import { stringsOf } from '../../strings/strings.ts';
import type { PreviewHeight, PreviewMessage } from './preview-message.ts';

/** The ticker and the list of a live page, in the order and the elements of a live page, with one item. */
function show({ item, edition, labels }: PreviewMessage): void {
  document.documentElement.lang = edition.language;
  document.documentElement.dir = edition.dir;
  const ticker = document.createElement('breaking-ticker');
  const { id, language, timeZone, numerals } = edition;
  const words = JSON.stringify(stringsOf('ticker', language));
  const src = JSON.stringify([item]);
  const attributes = { edition: id, lang: language, 'time-zone': timeZone, numerals, strings: words, src };
  for (const [name, value] of Object.entries(attributes)) ticker.setAttribute(name, value);
  document.querySelector('.strip')?.replaceChildren(ticker);
  const list = document.querySelector('ol');
  const style = lineStyleOf(edition, Date.now());
  const strings = stringsOf('pages', language);
  if (list) render(<Update key={item.id} item={item} style={style} strings={strings} labels={labels} />, list);
}

readPageStrings();
// The room under the list of a live page says nothing about the line.
document.querySelector('main')?.style.setProperty('padding-block-end', '0');
addEventListener('message', (event: MessageEvent<PreviewMessage>) => {
  if (event.source === parent && event.origin === location.origin) show(event.data);
});
const tell = () => {
  const height: PreviewHeight = { height: document.documentElement.offsetHeight };
  parent.postMessage(height, location.origin);
};
new ResizeObserver(tell).observe(document.documentElement);
tell();
