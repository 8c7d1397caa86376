/** Which pages may read the feed: all pages, or those of a list of exact origins. Programs that send no Origin are always allowed. */
export interface Origins {
  readonly isOpen: boolean;
  /** The origins of the list; empty if all may read the feed. */
  readonly list: readonly string[];
  allows(origin: string | undefined): boolean;
}

/** `setting` is `*`, or origins (`https://example.org`) separated by commas. Throws on anything that is not an origin. */
export function parseOrigins(setting: string): Origins {
  if (setting.trim() === '*') return { isOpen: true, list: [], allows: () => true };
  const allowed = new Set(
    setting
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => originOf(part.trim())),
  );
  if (allowed.size === 0) throw new Error('it has no origin');
  return { isOpen: false, list: [...allowed], allows: (origin) => origin === undefined || allowed.has(origin) };
}

/** Its errors quote only the origin of the setting, because the rest may be a secret. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (text === '*') throw new Error('* allows all origins only if it is the whole value');
  if (text === 'null') throw new Error('null is the origin of every sandboxed page');
  if (!url || !/^https?:\/\//i.test(text))
    throw new Error('one of its parts does not start with http:// or https://, or is not an origin');
  if (url.username + url.password !== '') throw new Error('one of its parts has a user name or a password');
  const { origin, hostname, pathname } = url;
  if (hostname.includes('*')) throw new Error(`${origin} has a wildcard: list every origin`);
  if (pathname !== '/' || /[?#]/.test(text)) throw new Error(`${origin} is followed by a path or a query`);
  return origin;
}
