/** Every value of `Cache-Control` that allows a shared cache. All other answers are `no-store`, or `no-cache` on the desk. */
export const cacheControl = {
  /** News and its pages: a shared cache answers for one second, and for one more while it asks again. */
  news: 'public, max-age=0, s-maxage=1, stale-while-revalidate=1',
  /** A poll that advances the client: one second, and nothing older, because an older copy would make the client loop. */
  poll: 'public, max-age=0, s-maxage=1',
  /** Scripts, style sheets and pages without news: five minutes. */
  page: 'public, max-age=300',
  /** Pictures: a day. */
  picture: 'public, max-age=86400',
  /** A file whose address has its version: a year. */
  versioned: 'public, max-age=31536000, immutable',
} as const;
