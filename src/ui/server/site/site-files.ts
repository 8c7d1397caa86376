import { type Site, type SiteEdition, siteName, taglineOf } from '../../../item/site.ts';
import { cacheControl } from '../../../protocol/cache-control.ts';
import { livePath } from '../../news/paths.ts';
import { facetPath } from '../../pages/model.ts';
import { type Asset, createAsset } from '../asset.ts';
import { addressOf, frontPath, publicEditions } from '../document.ts';
import { brandOf } from './colors.ts';
import { letterIcon } from './icon.ts';
import { newsSitemapPath } from './news-sitemap.ts';
import type { Picture, Pictures } from './picture.ts';
import { discPng, icoOf } from './raster-icon.ts';

const forADay = { 'Cache-Control': cacheControl.picture };
const forMinutes = { 'Cache-Control': cacheControl.page };

/** What browsers and search engines ask for under fixed names. */
export function siteFiles(site: Site, pictures: Pictures, publicUrl: string | undefined): [string, Asset][] {
  const own = pictures.get('/site/icon.png')?.bytes;
  const touch = own ?? discPng(180, brandOf(site));
  const icon = icoOf(own ?? discPng(32, brandOf(site)));
  return [
    ['/favicon.svg', createAsset(letterIcon(site), 'image/svg+xml', forADay)],
    ['/favicon.ico', createAsset(icon, 'image/x-icon', forADay)],
    ['/apple-touch-icon.png', createAsset(touch, 'image/png', forADay)],
    ...appIcons.map((side): [string, Asset] => [
      appIcon(side),
      createAsset(discPng(side, brandOf(site)), 'image/png', forADay),
    ]),
    ['/robots.txt', createAsset(robotsText(site, publicUrl), 'text/plain; charset=utf-8', forMinutes)],
    ...(publicUrl === undefined ? [] : [sitemap(site, publicUrl)]),
  ];
}

/** The web app manifest in the language of an edition. */
export function manifestOf(site: Site, edition: SiteEdition, pictures: Pictures): Asset {
  const { language, dir } = edition;
  const tagline = taglineOf(site, language);
  const manifest = {
    name: siteName(site, language),
    ...(tagline && { description: tagline }),
    ...{ lang: language, dir, start_url: frontPath(site, edition), scope: '/', display: 'minimal-ui' },
    ...{ theme_color: brandOf(site).background, background_color: '#ffffff' },
    icons: iconsOf(site, pictures),
  };
  return createAsset(JSON.stringify(manifest), 'application/manifest+json', forMinutes);
}

/** Sides that browsers ask for before they offer to install a site, px. */
const appIcons = [192, 512];
const appIcon = (side: number) => `/icon-${side}.png`;

/** The icon of the site, or the first letter of its name, and a disc, which stays whole in any shape, where letters would need a font. */
function iconsOf({ site: { icon } }: Site, pictures: Pictures): readonly object[] {
  if (icon) return [{ src: icon, ...sizeOf(pictures.get(icon.split('?')[0] ?? '')) }];
  const discs = appIcons.map((side) => ({ src: appIcon(side), type: 'image/png', sizes: `${side}x${side}` }));
  return [
    { src: '/favicon.svg', type: 'image/svg+xml', sizes: 'any' },
    ...discs,
    ...discs.slice(-1).map((disc) => ({ ...disc, purpose: 'maskable' })),
  ];
}

/** Nothing about a picture that another server serves. */
function sizeOf(picture: Picture | undefined): object {
  if (picture?.type === 'image/svg+xml') return { type: picture.type, sizes: 'any' };
  if (picture?.type !== 'image/png') return {};
  return { type: picture.type, sizes: `${picture.bytes.readUInt32BE(16)}x${picture.bytes.readUInt32BE(20)}` };
}

/** Search engines read pages. The feed has no pages, and a connection to it never ends. */
function robotsText(site: Site, publicUrl: string | undefined): string {
  const paths = publicUrl === undefined ? [] : ['/sitemap.xml', ...publicEditions(site).map(newsSitemapPath)];
  const maps = paths.map((path) => `Sitemap: ${addressOf(path, publicUrl)}`);
  return ['User-agent: *', 'Disallow: /v1/', 'Disallow: /desk', ...(maps.length > 0 ? [''] : []), ...maps, ''].join(
    '\n',
  );
}

/** The pages that stay, in every edition: its front page, its live page, its sections and regions. */
function sitemap(site: Site, publicUrl: string): [string, Asset] {
  const inUse = (facets: Site['sections']) => facets.filter(({ retired }) => !retired);
  const paths = publicEditions(site).flatMap((edition) => [
    frontPath(site, edition),
    livePath(edition.id),
    ...inUse(site.sections).map(({ id }) => facetPath('section', edition.id, id)),
    ...inUse(site.regions).map(({ id }) => facetPath('region', edition.id, id)),
  ]);
  const urls = paths.map((path) => `<url><loc>${new URL(path, publicUrl).href.replaceAll('&', '&amp;')}</loc></url>\n`);
  const text = `<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
${urls.join('')}</urlset>
`;
  return ['/sitemap.xml', createAsset(text, 'application/xml; charset=utf-8', forMinutes)];
}
