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
  if (allowed.size === 0) throw new Error('it names no origin');
  return { isOpen: false, allows: (origin) => origin === undefined || allowed.has(origin) };
}

/** What it says never holds more of the setting than scheme, host and path: the rest may be a secret. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (text === '*') throw new Error('* stands for all origins only where it stands alone');
  if (text === 'null') throw new Error('null is the origin of every sandboxed page');
  if (!url || !/^https?:\/\//i.test(text))
    throw new Error('one of its parts has no http:// or https:// in front, or is not an origin');
  if (url.username + url.password !== '') throw new Error('one of its parts holds a user or a password');
  const { origin, hostname, pathname } = url;
  if (hostname.includes('*')) throw new Error(`${origin} holds a wildcard: name every origin`);
  if (pathname !== '/' || /[?#]/.test(text)) throw new Error(`${origin} has a path or a query behind it`);
  return origin;
}
