import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may wait behind one whose answer is not out yet. No browser and no proxy sends any. */
const mostBehind = 16;

/**
 * Ends a connection on which more requests than that have come before the first was answered. Node reads them as fast as they
 * come and keeps a request and a response for each; its own limits count answers, not questions.
 */
export function boundPipeline<Request extends IncomingMessage>(
  listener: (request: Request, response: ServerResponse) => void,
): (request: Request, response: ServerResponse) => void {
  const behind = new WeakMap<Socket, number>();
  function answered(this: ServerResponse) {
    const { socket } = this.req;
    behind.set(socket, (behind.get(socket) ?? 1) - 1);
  }
  return (request, response) => {
    if (response.socket === null) {
      const count = (behind.get(request.socket) ?? 0) + 1;
      if (count > mostBehind) {
        request.socket.destroy();
        return;
      }
      behind.set(request.socket, count);
      response.once('finish', answered);
    }
    listener(request, response);
  };
}
