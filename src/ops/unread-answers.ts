import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Held, Unread } from './unread.ts';

/** The answers of a server whose unread bytes are counted; `addressOf` says who a request counts for. */
export function countedAnswers(unread: Unread, addressOf: (request: IncomingMessage) => string): typeof ServerResponse {
  const ofSocket = new WeakMap<Socket, Set<Held>>();

  const heldBy = (socket: Socket): Set<Held> => {
    const known = ofSocket.get(socket);
    if (known) return known;
    const all = new Set<Held>();
    ofSocket.set(socket, all);
    // An answer that waits behind another one is not told of the end of its connection.
    socket.once('close', () => {
      for (const held of all) unread.release(held);
    });
    return all;
  };

  return class CountedAnswer<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    override end(...given: [body?: unknown, encoding?: BufferEncoding | (() => void), done?: () => void]): this {
      Reflect.apply(super.end, this, given);
      const { req: request, writableLength } = this;
      const { socket } = request;
      if (writableLength === 0 || socket.destroyed) return this;
      const [body] = given;
      // One Buffer may be the answer to many; the end of an answer in pieces is not the whole of it.
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
