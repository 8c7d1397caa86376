import type { IncomingMessage, ServerResponse } from 'node:http';
import { cacheControl } from '../../protocol/cache-control.ts';

/**
 * Redirects `/live/en/` to `/live/en`, with its query, in one step for any number of slashes. False when the address does
 * not end with a slash, or when its first part is not one of `kinds`, so that the target is never another host.
 */
export function redirectSlash(request: IncomingMessage, response: ServerResponse, kinds: ReadonlySet<string>): boolean {
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  if (!path.endsWith('/') || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
  if (!kinds.has(path.split('/', 2)[1] ?? '')) return false;
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  const query = mark === -1 ? '' : url.slice(mark);
  response.writeHead(308, { Location: path.slice(0, end) + query, 'Cache-Control': cacheControl.page }).end();
  return true;
}
