/** The style of an edition, from `/site.json` of its server. */
export interface EditionStyle {
  readonly id: string;
  readonly language: string;
  readonly timeZone: string;
  readonly numerals: string;
}

/** Null when the server does not answer: the tag's attributes and the edition's id are used. */
export async function fetchEdition(server: string, id: string): Promise<EditionStyle | null> {
  try {
    const response = await fetch(`${server.replace(/\/$/, '')}/site.json`, { credentials: 'omit' });
    const { editions } = (await response.json()) as { readonly editions: readonly EditionStyle[] };
    return editions.find((edition) => edition.id === id) ?? null;
  } catch {
    return null;
  }
}
