/** What the address of the ticker for iframes may ask for: attributes of the ticker, in this order. */
export const frameParameters = ['section', 'region', 'topic', 'urgency', 'limit', 'variant', 'theme', 'lang'] as const;
