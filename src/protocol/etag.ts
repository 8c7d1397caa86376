/**
 * Whether an If-None-Match matches this ETag: weak comparison (RFC 9110 13.1.2), a list, or `*`. A tag may have commas inside
 * its quotes. Malformed tags are ignored.
 */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const tags: readonly string[] = ifNoneMatch.match(/"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
  return tags.includes(etag.replace(/^W\//, ''));
}
