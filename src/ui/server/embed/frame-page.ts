import { type SiteEdition, siteName } from '../../../item/site.ts';
import { cacheControl } from '../../../protocol/cache-control.ts';
import { stringsOf } from '../../strings/strings.ts';
import { type Asset, createAsset } from '../asset.ts';
import { oEmbedLink, tickerOf } from '../document.ts';
import { html } from '../html.ts';
import type { PageContext } from '../news-page.ts';
import { readerPolicy } from '../policy.ts';

export function framePath({ id }: Pick<SiteEdition, 'id'>): string {
  return `/embed/${id}`;
}

/**
 * The ticker alone, for iframes. Its script reads what the address asks for, so that one copy serves every address. In a
 * sandboxed frame the page has no origin: module scripts then need CORS. The pages that may show it are those that may read
 * the feed.
 */
export function framePage(context: PageContext, edition: SiteEdition): Asset {
  const { language, dir } = edition;
  const title = `${stringsOf('ticker', language).title} · ${siteName(context.site, language)}`;
  const text = html`<!doctype html>
<html lang="${language}" dir="${dir}">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${context.origins.isOpen ? oEmbedLink(framePath(edition), context.publicUrl) : html``}<base target="_top">
<link rel="stylesheet" href="/embed.frame.css">
<script type="module" src="/embed.frame.js" crossorigin></script>
<script type="module" src="/ticker.js" crossorigin></script>
<script type="module" src="/ticker-list.js" crossorigin></script>
</head>
<body>
<div id="alone"><h1 hidden>${title}</h1>
${tickerOf(edition)}</div>
</body>
</html>
`.text;
  return createAsset(text, 'text/html; charset=utf-8', {
    ...readerPolicy(context, context.origins.isOpen ? ['frame-ancestors *'] : []),
    'Cache-Control': cacheControl.page,
  });
}
