import type { FeedDocument } from './document.ts';
import { plainText } from './entry-html.ts';

/** JSON Feed 1.1. */
export function jsonFeed({ title, summary, author, language, address, home, entries }: FeedDocument): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title,
    description: summary,
    home_page_url: home,
    feed_url: address,
    language,
    authors: [{ name: author }],
    items: entries.map((entry) => ({
      id: entry.id,
      url: entry.url,
      title: entry.title,
      content_text: plainText(entry),
      ...(entry.image && { image: entry.image.url }),
      date_published: entry.published,
      date_modified: entry.updated,
      ...(entry.language && { language: entry.language }),
      tags: entry.categories.map(({ label }) => label),
      _item: {
        version: entry.version,
        status: entry.status,
        ...(entry.urgency !== undefined && { urgency: entry.urgency }),
      },
    })),
  });
}
