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
  const address = new URL(`/embed/${encodeURIComponent(edition)}`, base);
  for (const name of frameParameters) {
    const value = chosen[name];
    if (value) address.searchParams.set(name, value);
  }
  return address.href;
}
