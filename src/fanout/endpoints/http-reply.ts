import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Problem, problemBody, statusOf } from '../admission/problem.ts';

/** Answers an upgrade request with a problem, and ends the connection. */
export function refuseUpgrade(socket: Socket, problem: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = problemBody(problem);
  const status = statusOf(problem);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(problem.retryAfter === undefined ? [] : [`Retry-After: ${problem.retryAfter}`]),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** For a socket that the HTTP server has handed over. Without a listener, a reset would end the process. */
export function destroyIt(this: Socket): void {
  this.destroy();
}
