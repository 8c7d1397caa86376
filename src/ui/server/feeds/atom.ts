import type { DeletedEntry, FeedDocument, FeedEntry } from './document.ts';
import { entryHtml } from './entry-html.ts';
import { langOf, type Xml, xml } from './xml.ts';

/** Atom (RFC 4287). Feed readers that know RFC 6721 remove retracted entries; others show the notice. */
export function atomFeed({
  title,
  summary,
  author,
  language,
  address,
  home,
  updated,
  entries,
  deleted,
}: FeedDocument): string {
  return xml`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="${language}">
<id>${address}</id>
<title>${title}</title>
<subtitle>${summary}</subtitle>
<updated>${updated}</updated>
<author><name>${author}</name></author>
<generator>Flashwire</generator>
<link rel="alternate" type="text/html" href="${home}"/>
<link rel="self" type="application/atom+xml" href="${address}"/>
${entries.map(entryOf)}${deleted.map(deletedOf)}</feed>
`.text;
}

function entryOf(entry: FeedEntry): Xml {
  const { id, url, title, text, language, published, updated, categories } = entry;
  const html = entryHtml(entry);
  return xml`<entry${langOf(language)}>
<id>${id}</id>
<title>${title}</title>
<link rel="alternate" type="text/html" href="${url}"/>
<published>${published}</published>
<updated>${updated}</updated>
${categories.map((category) => xml`<category term="${category.id}" label="${category.label}"/>`)}
${html === null ? xml`<content>${text}</content>` : xml`<content type="html">${html}</content>`}
</entry>
`;
}

function deletedOf({ id, when, comment }: DeletedEntry): Xml {
  const body = comment === undefined ? xml`` : xml`<at:comment>${comment}</at:comment>`;
  return xml`<at:deleted-entry ref="${id}" when="${when}">${body}</at:deleted-entry>
`;
}
