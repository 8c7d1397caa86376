/** What the address of the ticker for iframes may ask for: attributes of the ticker, in this order. */
export const frameParameters = ['section', 'region', 'topic', 'urgency', 'limit', 'variant', 'theme', 'lang'] as const;

/**
 * The rights of the iframe in our recipes: scripts, and links that leave it. It works with `allow-scripts` alone; a link has
 * nowhere to go then.
 */
export const frameSandbox =
  'allow-scripts allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation';

/**
 * px for an iframe that does not follow the height of its ticker: a card with a flash above another line needs 350 px at a
 * width of 360, a banner 272 px at 600.
 */
export const frameHeights = { banner: 280, card: 360, list: 480 } as const;

/** The address of the ticker for iframes. Parameters of other names, and those without a value, are left out. */
export function frameAddress(base: string, edition: string, chosen: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams();
  for (const name of frameParameters) {
    const value = chosen[name];
    if (value) query.set(name, value);
  }
  const address = `${base.replace(/\/$/, '')}/embed/${encodeURIComponent(edition)}`;
  return query.size > 0 ? `${address}?${query}` : address;
}
