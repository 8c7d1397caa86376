import type { IncomingMessage, ServerResponse } from 'node:http';
import { cacheControl } from '../../protocol/cache-control.ts';

/**
 * `/live/en/` leads to `/live/en`, with its query, in one step however many slashes there are. False when the address does
 * not end with a slash, or is none of `kinds`: its first part, so that no address of another host can come of it.
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
