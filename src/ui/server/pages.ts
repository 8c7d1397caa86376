import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Site } from '../../item/site.ts';
import { type Asset, createAsset, type Headers, sendAsset } from './asset.ts';
import { frontPage, publicEditions } from './front-page.ts';
import { pagePolicy } from './policy.ts';

interface PagesOptions {
  /** What scripts/build-browser.mjs has built. */
  readonly publicDir: string;
  readonly site: Site;
  readonly publicUrl?: string | undefined;
}

export interface Pages {
  /** False when the path is not one of these pages; then nothing has been answered. */
  handleRequest(req: IncomingMessage, res: ServerResponse): boolean;
}

const shortCache: Headers = { 'Cache-Control': 'public, max-age=300' };
/** Other sites load these: a module script needs CORS, and they may sit behind a resource policy of their own. */
const forEveryone: Headers = {
  ...shortCache,
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/** All that is public and is not the feed: the front page and the scripts. Read and zipped once; throws when a file is missing. */
export function createPages({ publicDir, site, publicUrl }: PagesOptions): Pages {
  const file = (name: string, type: string, headers: Headers) =>
    createAsset(readFileSync(join(publicDir, name)), type, headers);
  const files = new Map<string, Asset>([
    ['/ticker.js', file('ticker.js', 'text/javascript; charset=utf-8', forEveryone)],
    ['/sdk.js', file('sdk.js', 'text/javascript; charset=utf-8', forEveryone)],
    ['/front.js', file('front.js', 'text/javascript; charset=utf-8', shortCache)],
    ['/front.css', file('front.css', 'text/css; charset=utf-8', shortCache)],
    ['/favicon.svg', file('favicon.svg', 'image/svg+xml', { 'Cache-Control': 'public, max-age=86400' })],
  ]);
  const pageHeaders = { ...pagePolicy("'self' ws: wss:"), 'Cache-Control': 'public, max-age=60' };
  const fronts = new Map(
    publicEditions(site).map((edition) => [
      edition.id,
      createAsset(frontPage(site, edition, publicUrl), 'text/html; charset=utf-8', pageHeaders),
    ]),
  );
  const [usualFront] = fronts.values();

  return {
    handleRequest(req, res) {
      const [path, query] = (req.url ?? '').split('?');
      const asset =
        path === '/'
          ? (fronts.get(new URLSearchParams(query).get('edition') ?? '') ?? usualFront)
          : files.get(path ?? '');
      if (asset) sendAsset(req, res, asset);
      return asset !== undefined;
    },
  };
}
