import type { Headers } from './asset.ts';

/** What a page for readers may do: it talks to its own origin alone, wherever else the site is reached. */
export function readerPolicy(publicUrl: string | undefined): Headers {
  return pagePolicy(`'self'${publicUrl === undefined ? '' : webSocketsOf(new URL(publicUrl))}`);
}

/** `'self'` is the WebSocket of a page's own origin too, but not in Safari before 15.4. An IPv6 address cannot be named here. */
function webSocketsOf({ protocol, host }: URL): string {
  return host.startsWith('[') ? '' : ` ${protocol.replace('http', 'ws')}//${host}`;
}

/**
 * What a page of ours may do: run our scripts and styles, talk to the feed, nothing else. No inline script or style, no
 * form that leaves the page, and text can become markup nowhere.
 */
export function pagePolicy(connectSrc: string, extra: readonly string[] = []): Headers {
  const directives = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${connectSrc}`,
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    ...extra,
  ];
  return { 'Content-Security-Policy': directives.join('; '), 'Referrer-Policy': 'same-origin' };
}
