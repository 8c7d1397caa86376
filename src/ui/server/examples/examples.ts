import { arabic } from './ar.ts';
import type { ExampleArticle } from './article.ts';
import { english } from './en.ts';
import { spanish } from './es.ts';

export const exampleArticles: readonly ExampleArticle[] = [...english, ...arabic, ...spanish];

const wordsAMinute = 200;

/** Whole minutes, at least one. */
export function minutesToRead({ paragraphs }: ExampleArticle): number {
  const words = paragraphs.join(' ').split(/\s+/).length;
  return Math.max(1, Math.round(words / wordsAMinute));
}
