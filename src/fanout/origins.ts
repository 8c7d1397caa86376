/** Which pages may read the feed: all of them, or a list of exact origins. A request without an Origin is not a page's. */
export interface Origins {
  readonly isOpen: boolean;
  allows(origin: string | undefined): boolean;
}

/** `setting` is `*` or origins (`https://example.org`) divided by commas. Throws on anything that is not an origin. */
export function parseOrigins(setting: string): Origins {
  if (setting.trim() === '*') return { isOpen: true, allows: () => true };
  const allowed = new Set(
    setting
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => originOf(part.trim())),
  );
  return { isOpen: false, allows: (origin) => origin === undefined || allowed.has(origin) };
}

function originOf(text: string): string {
  const { origin, pathname, search, hash, username, password } = new URL(text);
  if (origin === 'null' || pathname + search + hash !== '/' || username + password !== '')
    throw new Error(`not an origin: ${origin}`); // what else stands in it may be a secret
  return origin;
}
