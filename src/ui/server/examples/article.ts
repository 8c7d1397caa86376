/** An article of the example site. Flashwire serves lines, not articles: these show where a ticker would stand. */
export interface ExampleArticle {
  readonly slug: string;
  readonly language: string;
  readonly section: string;
  readonly region: string;
  readonly tags: readonly string[];
  readonly headline: string;
  readonly summary: string;
  readonly byline: string;
  readonly source: string;
  /** Where it was written. */
  readonly place: string;
  /** RFC 3339, UTC. */
  readonly publishedAt: string;
  readonly image: { readonly file: string; readonly alt: string; readonly caption: string };
  readonly paragraphs: readonly string[];
}
