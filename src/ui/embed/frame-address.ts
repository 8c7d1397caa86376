/** What the address of the ticker for iframes may ask for: attributes of the ticker, in this order. */
export const frameParameters = ['section', 'region', 'topic', 'urgency', 'limit', 'variant', 'theme', 'lang'] as const;

/**
 * The rights of the iframe in our recipes: scripts, and links that leave it. It works with `allow-scripts` alone; a link has
 * nowhere to go then.
 */
export const frameSandbox =
  'allow-scripts allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation';

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
