import { parseFeed as parseWithRowan } from '@rowanmanning/feed-parser';
import { parseFeed as parseWithHtmlparser } from 'htmlparser2';

export interface ReadEntry {
  readonly id: string | null;
  readonly url: string | null;
  readonly title: string | null;
  readonly text: string | null;
  readonly at: string | null;
}

export interface ReadFeed {
  readonly title: string | null;
  readonly url: string | null;
  readonly updated: string | null;
  readonly entries: readonly ReadEntry[];
}

const orNull = (value: string | undefined | null) => value ?? null;
const timeOrNull = (value: Date | undefined | null) => value?.toISOString() ?? null;

/** The same feed as two parsers of different families read it. */
export const parsers: Readonly<Record<string, (text: string) => ReadFeed>> = {
  '@rowanmanning/feed-parser': (text) => {
    const { title, url, updated, items } = parseWithRowan(text);
    return {
      title,
      url,
      updated: timeOrNull(updated),
      entries: items.map((item) => ({
        id: item.id,
        url: item.url,
        title: item.title,
        text: item.content ?? item.description,
        at: timeOrNull(item.published),
      })),
    };
  },
  htmlparser2: (text) => {
    const feed = parseWithHtmlparser(text);
    if (!feed) throw new Error('not a feed');
    return {
      title: orNull(feed.title),
      url: orNull(feed.link),
      updated: timeOrNull(feed.updated),
      entries: feed.items.map((item) => ({
        id: orNull(item.id),
        url: orNull(item.link),
        title: orNull(item.title),
        text: orNull(item.description),
        at: timeOrNull(item.pubDate),
      })),
    };
  },
};
