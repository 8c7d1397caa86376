import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Held, Unread } from './unread.ts';

/** A ServerResponse that counts its unread bytes. `addressOf` is the address that a request counts for. */
export function countedAnswers(unread: Unread, addressOf: (request: IncomingMessage) => string): typeof ServerResponse {
  const ofSocket = new WeakMap<Socket, Set<Held>>();

  const heldBy = (socket: Socket): Set<Held> => {
    const present = ofSocket.get(socket);
    if (present) return present;
    const all = new Set<Held>();
    ofSocket.set(socket, all);
    // A response that waits behind another one gets no event when its connection closes.
    socket.once('close', () => {
      for (const held of all) unread.release(held);
    });
    return all;
  };

  return class CountedAnswer<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override end(...args: [body?: unknown, encoding?: BufferEncoding | (() => void), done?: () => void]): this {
      Reflect.apply(super.end, this, args);
      const { req: request, writableLength } = this;
      const { socket } = request;
      if (writableLength === 0 || socket.destroyed) return this;
      const [body] = args;
      // One Buffer may be the response to many requests. The last piece of a response in pieces is not the whole response.
      const whole = Buffer.isBuffer(body) && body.length >= writableLength / 2 ? body : null;
      const [shared, bytes] = whole ? [whole, whole.length] : [this, writableLength];
      const held = { address: addressOf(request), shared, bytes, cut: () => socket.destroy() };
      const all = heldBy(socket).add(held);
      this.once('finish', () => {
        all.delete(held);
        unread.release(held);
      });
      unread.hold(held);
      return this;
    }
  };
}
