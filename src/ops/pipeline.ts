import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may wait for the response to an earlier one. No browser and no proxy pipelines. */
const mostBehind = 16;

/**
 * Closes a connection on which more requests wait. Node reads requests as fast as they arrive and keeps a request and a response
 * object for each; its own limits count responses, not requests.
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
