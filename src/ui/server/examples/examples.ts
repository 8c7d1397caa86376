import { isDeepStrictEqual } from 'node:util';
import { demonstration } from '../../../item/demonstration.ts';
import type { Site } from '../../../item/site.ts';
import { arabic } from './ar.ts';
import type { ExampleArticle } from './article.ts';
import { english } from './en.ts';
import { spanish } from './es.ts';

export const exampleArticles: readonly ExampleArticle[] = [...english, ...arabic, ...spanish];

/** None on a site with a name of its own: its readers would take them for its news. */
export function examplesOf({ site }: Pick<Site, 'site'>): readonly ExampleArticle[] {
  // The shipped site file has the name of the demonstration too.
  return isDeepStrictEqual(site.name, demonstration.name) ? exampleArticles : [];
}

/** The files of their pictures. */
export function examplePictures(site: Pick<Site, 'site'>): readonly string[] {
  return [...new Set(examplesOf(site).map(({ image }) => image.file))];
}

const wordsAMinute = 200;

/** Whole minutes, at least one. */
export function minutesToRead({ paragraphs }: ExampleArticle): number {
  const words = paragraphs.join(' ').split(/\s+/).length;
  return Math.max(1, Math.round(words / wordsAMinute));
}
