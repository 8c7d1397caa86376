import type { FeedDocument, FeedEntry } from './document.ts';
import { entryHtml } from './entry-html.ts';
import { langOf, type Xml, xml } from './xml.ts';

/**
 * RSS 2.0. Titles are plain text, escaped once. Descriptions are HTML by the specification, so their text is escaped as
 * HTML first.
 */
export function rssFeed({ title, summary, language, address, home, updated, entries }: FeedDocument): string {
  return xml`<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xml:lang="${language}">
<channel>
<title>${title}</title>
<link>${home}</link>
<description>${summary}</description>
<language>${language}</language>
<lastBuildDate>${httpDate(updated)}</lastBuildDate>
<generator>Flashwire</generator>
<atom:link rel="self" type="application/rss+xml" href="${address}"/>
${entries.map(itemOf)}</channel>
</rss>
`.text;
}

function itemOf(entry: FeedEntry): Xml {
  const { id, url, title, text, language, published, categories } = entry;
  return xml`<item${langOf(language)}>
<title>${title}</title>
<link>${url}</link>
<guid isPermaLink="false">${id}</guid>
<pubDate>${httpDate(published)}</pubDate>
<description>${entryHtml(entry) ?? asHtml(text)}</description>
${categories.map(({ label }) => xml`<category>${label}</category>`)}
</item>
`;
}

/** The RFC 822 date that RSS requires. */
function httpDate(time: string): string {
  return new Date(time).toUTCString();
}

function asHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
