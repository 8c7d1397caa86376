import { pollsSocket } from '../../client/http-socket.ts';
import type { httpSockets as all } from '../../client/http-sockets.ts';

/**
 * Stands in for client/http-sockets.ts in the ticker's script: server-sent events (190 B) deliver no sooner than polls, which also
 * pass a proxy that holds events back.
 */
export const httpSockets: typeof all = [pollsSocket, pollsSocket];
