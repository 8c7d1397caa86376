import type { Site } from '../../../item/site.ts';
import { cacheControl } from '../../../protocol/cache-control.ts';
import { type Asset, createAsset } from '../asset.ts';
import { html, type Markup } from '../html.ts';

/** A picture of the site that this server serves. */
export interface Picture {
  readonly type: PictureType;
  readonly bytes: Buffer;
}

/** By address, `/site/logo-light.svg`. */
export type Pictures = ReadonlyMap<string, Picture>;

type PictureType = 'image/svg+xml' | 'image/png' | 'image/jpeg' | 'image/webp';

/** The end of a file's name, by type. */
export const pictureEndings: Readonly<Record<PictureType, string>> = {
  'image/svg+xml': 'svg',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
};

/** Before the root element: a declaration, a document type. */
const svgStart = /^\uFEFF?\s*(?:<\?[^>]*>\s*)?(?:<!DOCTYPE svg[^[>]*(?:\[[^\]]*\]\s*)?>\s*)?<svg[\s>]/i;

/** By the bytes, whatever the name of the file. Null for what is none of the four. */
export function pictureType(bytes: Buffer): PictureType | null {
  const head = bytes.toString('latin1', 0, 12);
  // Up to its last chunk: a file that was cut off shows nothing, and has no size to read.
  if (head.startsWith('\x89PNG\r\n\x1a\n'))
    return bytes.lastIndexOf('IEND\xaeB`\x82', undefined, 'latin1') > 0 ? 'image/png' : null;
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return 'image/webp';
  const text = bytes.toString('utf8', 0, 8_192).replaceAll(/<!--[\s\S]*?-->/g, '');
  return svgStart.test(text) ? 'image/svg+xml' : null;
}

/** An SVG is a document: opened by itself it must not run a script with our origin, nor load anything. */
export function pictureAsset({ type, bytes }: Picture): Asset {
  return createAsset(bytes, type, {
    'Cache-Control': cacheControl.picture,
    ...(type === 'image/svg+xml' && {
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
    }),
  });
}

/** The masthead's logo with the name as its text, or the name. */
export function logoOf({ site: { logo } }: Site, name: string): Markup {
  if (!logo) return html`<bdi>${name}</bdi>`;
  const dark = logo.dark ? html`<source srcset="${logo.dark}" media="(prefers-color-scheme: dark)">` : html``;
  return html`<picture>${dark}<img class="logo" src="${logo.light}" alt="${name}"></picture>`;
}

/** How the masthead looks: a logo stands on paper, which stays light for a logo that is for light backgrounds only. */
export function logoClass({ site: { logo } }: Site): string {
  if (!logo) return '';
  return logo.dark ? ' has-logo' : ' has-logo light-only';
}
