import type { FeedEntry } from './document.ts';

/** The text of an entry, and what is below it. */
export function plainText({ text, below }: FeedEntry): string {
  return [text, ...below].join('\n\n');
}

/** The same as HTML, with the picture; null for an entry that has no more than its text. */
export function entryHtml({ text, below, image }: FeedEntry): string | null {
  if (below.length === 0 && !image) return null;
  const picture = image
    ? `<p><img src="${escaped(image.url)}" alt="${escaped(image.alt)}" width="${image.width}" height="${image.height}">${image.credit ? ` ${escaped(image.credit)}` : ''}</p>`
    : '';
  return `<p>${escaped(text)}</p>${picture}${below.map((block) => `<p>${escaped(block)}</p>`).join('')}`;
}

/** In the text of an element and in an attribute. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
