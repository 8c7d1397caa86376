/**
 * Whether an If-None-Match names this ETag: weak comparison (RFC 9110 13.1.2), a list, or `*`. One function for all that has an
 * ETag. A tag may have commas inside its quotes; what is no tag names nothing.
 */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const tags: readonly string[] = ifNoneMatch.match(/"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
  return tags.includes(etag.replace(/^W\//, ''));
}
