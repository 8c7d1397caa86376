import type { Origins } from '../../protocol/origins.ts';
import type { Headers } from './asset.ts';

interface PolicyContext {
  readonly origins: Origins;
  readonly publicUrl?: string | undefined;
}

/** The policy of a page for readers: it connects to its own origin only. Where a list says who may read the feed, only they may show the page. */
export function readerPolicy({ publicUrl, origins }: PolicyContext, extra: readonly string[] = []): Headers {
  const sockets = publicUrl === undefined ? '' : webSocketsOf(new URL(publicUrl));
  const ancestors = origins.isOpen ? [] : [`frame-ancestors 'self' ${origins.list.join(' ')}`];
  return pagePolicy(`'self'${sockets}`, [...ancestors, ...extra]);
}

/** `'self'` is the WebSocket of a page's own origin too, but not in Safari before 15.4. An IPv6 address cannot be named here. */
function webSocketsOf({ protocol, host }: URL): string {
  return host.startsWith('[') ? '' : ` ${protocol.replace('http', 'ws')}//${host}`;
}

/**
 * The policy of our pages: they run our scripts and styles, show pictures and connect to the feed. There is no inline script or style, no
 * form that leaves the page, and text cannot become markup.
 */
export function pagePolicy(connectSrc: string, extra: readonly string[] = []): Headers {
  const directives = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src ${connectSrc}`,
    "img-src 'self' data: https:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    ...extra,
  ];
  return { 'Content-Security-Policy': directives.join('; '), 'Referrer-Policy': 'same-origin' };
}
