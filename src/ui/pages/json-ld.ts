import { type ItemImage, lineOf, type PublicItem, type UsableItem } from '../../item/item.ts';
import { quotation } from '../../item/more.ts';
import { itemPath } from '../news/paths.ts';
import type { NewsModel } from './model.ts';

/** schema.org for search engines (https://schema.org/LiveBlogPosting): the items shown, never retracted text. */
export function jsonLdOf(model: NewsModel, items: readonly PublicItem[]): string {
  const usable = items.filter((item): item is UsableItem => item.status === 'usable');
  const { logo, ...named } = model.publisher;
  const publisher = { '@type': 'NewsMediaOrganization', ...named, ...(logo && { logo: pictureOf(logo) }) };
  const base = { '@context': 'https://schema.org', inLanguage: model.edition.language, publisher };
  const posts = usable.map((item) => postOf(item, model));
  if (model.view === 'item') return textOf({ ...base, ...(posts[0] ?? { '@type': 'WebPage', url: model.url }) });
  const oldest = usable[usable.length - 1];
  return textOf({
    ...base,
    '@type': 'LiveBlogPosting',
    '@id': model.url,
    url: model.url,
    headline: model.title,
    ...(oldest && {
      coverageStartTime: oldest.publishedAt,
      datePublished: oldest.publishedAt,
      dateModified: usable.map((item) => item.updatedAt).sort()[usable.length - 1],
    }),
    liveBlogUpdate: posts,
  });
}

function postOf(item: UsableItem, model: NewsModel) {
  const url = urlOf(item, model.url);
  const author = authorOf(item, model);
  return {
    '@type': 'BlogPosting',
    '@id': url,
    url,
    headline: lineOf(item),
    articleBody: bodyOf(item),
    inLanguage: item.language,
    datePublished: item.publishedAt,
    dateModified: item.updatedAt,
    ...(author && { author }),
    ...(item.image && { image: imageOf(item.image) }),
    ...(item.links && { citation: item.links.map(({ text, url }) => ({ '@type': 'CreativeWork', name: text, url })) }),
    ...(item.correction?.note && { correction: item.correction.note }),
  };
}

function bodyOf(item: UsableItem): string {
  const { paragraphs = [], quote } = item;
  return [lineOf(item), ...paragraphs, ...(quote ? [quotation(quote)] : [])].join('\n\n');
}

function imageOf({ url, width, height, alt, credit }: ItemImage) {
  return { ...pictureOf(url), width, height, caption: alt, ...(credit && { creditText: credit }) };
}

/** Null for a source of which nobody has said what it is: "Gaza ceasefire" is no organisation. */
function authorOf({ attribution }: UsableItem, { sources, publisher }: NewsModel) {
  if (attribution === undefined) return { '@type': 'Organization', name: publisher.name };
  const source = sources.find(({ name }) => name === attribution);
  return source ? { '@type': source.kind === 'person' ? 'Person' : 'Organization', name: attribution } : null;
}

function pictureOf(url: string) {
  return { '@type': 'ImageObject', url };
}

/** A path when the site does not know its own address. */
function urlOf(item: UsableItem, pageUrl: string): string {
  return (/^https?:\/\/[^/]+/.exec(pageUrl)?.[0] ?? '') + itemPath(item);
}

/** Escaped, so that no text can end the script element. */
function textOf(value: object): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
