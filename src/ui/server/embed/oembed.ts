import type { IncomingMessage, ServerResponse } from 'node:http';
import { type SiteEdition, siteName } from '../../../item/site.ts';
import { cacheControl } from '../../../protocol/cache-control.ts';
import { frameAddress, frameHeights, frameSandbox } from '../../embed/frame-address.ts';
import { itemPath, livePath } from '../../news/paths.ts';
import { stringsOf } from '../../strings/strings.ts';
import { createAsset, sendAsset } from '../asset.ts';
import { publicEditions } from '../document.ts';
import { html } from '../html.ts';
import { filterOf, type PageContext } from '../news-page.ts';
import type { NewsSource } from '../news-source.ts';
import { baseOf } from '../syndication.ts';

const usualWidth = 600;
const cacheSeconds = 3_600;
const longestAddress = 2_048;
/** More than a process keeps of an edition. */
const allItems = Number.MAX_SAFE_INTEGER;

/**
 * oEmbed 1.0 (https://oembed.com): the iframe for a live page, for an item, and for the iframe's own page. An item leads to
 * the ticker of its edition if a process has it in memory. The answer has no text of a line, because the sites that keep it
 * learn nothing of a retraction. WordPress listens to the frame only if a quotation stands before it, which it shows until
 * the frame has told its height (wp-includes/embed.php).
 */
export function handleOEmbed(
  context: PageContext,
  news: Pick<NewsSource, 'snapshot'>,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): void {
  const base = context.publicUrl ?? baseOf(request);
  const frame = frameOf(context, news, query.get('url') ?? '', base);
  const format = query.get('format') ?? 'json';
  if (!frame || format !== 'json') {
    const [status, text] = frame
      ? ([501, 'Only format=json is implemented.'] as const)
      : ([404, 'There is no embed for this address.'] as const);
    sendAsset(request, response, createAsset(`${text}\n`, 'text/plain; charset=utf-8', notKept), status);
    return;
  }
  const { edition, page, address } = frame;
  const title = stringsOf('pages', edition.language).liveTitle;
  const width = atMost(usualWidth, query.get('maxwidth'));
  const height = atMost(frameHeights.card, query.get('maxheight'));
  const answer = {
    version: '1.0',
    type: 'rich',
    provider_name: siteName(context.site, edition.language),
    provider_url: new URL('/', base).href,
    title,
    cache_age: cacheSeconds,
    width,
    height,
    html: html`<blockquote hidden><a href="${page}">${title}</a></blockquote><iframe src="${address}" width="${String(width)}" height="${String(height)}" title="${title}" sandbox="${frameSandbox}" frameborder="0" loading="lazy" style="max-width:100%"></iframe>`
      .text,
  };
  sendAsset(request, response, createAsset(JSON.stringify(answer), 'application/json; charset=utf-8', kept));
}

const shared = { 'Access-Control-Allow-Origin': '*' };
const kept = { ...shared, 'Cache-Control': cacheControl.page };
const notKept = { ...shared, 'Cache-Control': 'no-store' };

interface Frame {
  readonly edition: SiteEdition;
  /** The page with the news of the frame. */
  readonly page: string;
  readonly address: string;
}

function frameOf(context: PageContext, news: Pick<NewsSource, 'snapshot'>, text: string, base: string): Frame | null {
  if (text === '' || text.length > longestAddress || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  if (url.host !== new URL(base).host || !/^https?:$/.test(url.protocol)) return null;
  const [, kind, id = ''] = /^\/(live|item|embed)\/([A-Za-z0-9_-]{1,64})\/?$/.exec(url.pathname) ?? [];
  const editions = publicEditions(context.site);
  const edition = editions.find((one) => (kind === 'item' ? hasItem(one, news, id) : one.id === id));
  if (kind === undefined || !edition) return null;
  const chosen = kind === 'embed' ? Object.fromEntries(url.searchParams) : {};
  const path = kind === 'item' ? itemPath({ id }) : livePath(edition.id);
  return {
    edition,
    page: new URL(path, base).href,
    address: frameAddress(base, edition.id, { ...chosen, variant: chosen['variant'] || 'card' }),
  };
}

function hasItem(edition: SiteEdition, news: Pick<NewsSource, 'snapshot'>, id: string): boolean {
  const { items = [] } = news.snapshot(filterOf({ edition }), allItems) ?? {};
  return items.some((item) => item.id === id && item.status === 'usable');
}

/** A size that is not a number of px is as good as none. */
function atMost(usual: number, text: string | null): number {
  return /^[1-9]\d{0,5}$/.test(text ?? '') ? Math.min(usual, Number(text)) : usual;
}
