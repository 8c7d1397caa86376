/** What the ticker wants to know of an edition; `/site.json` of its server has it. */
export interface EditionStyle {
  readonly id: string;
  readonly language: string;
  readonly timeZone: string;
  readonly numerals: string;
}

/** Null where the server does not say: the tag's own attributes and the edition's id must do. */
export async function fetchEdition(server: string, id: string): Promise<EditionStyle | null> {
  try {
    const response = await fetch(`${server.replace(/\/$/, '')}/site.json`, { credentials: 'omit' });
    const { editions } = (await response.json()) as { readonly editions: readonly EditionStyle[] };
    return editions.find((edition) => edition.id === id) ?? null;
  } catch {
    return null;
  }
}
