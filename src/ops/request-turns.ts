import type { IncomingMessage, ServerResponse } from 'node:http';

type Listener<Request extends IncomingMessage> = (request: Request, response: ServerResponse) => void;

/** As long as a slice of the sweep, so that requests and readers share the thread in equal parts. */
const usualTurnMs = 4;
/** As long as a slice of the sweep while the desk waits. */
const hurriedTurnMs = 1;

/**
 * Limits how long requests keep the thread in one turn of the event loop: once their handlers have used 4 ms, the next requests
 * wait, in the order of their arrival, for the turns that follow. One packet of a client can hold 16 requests, and without
 * this the packets of 16 clients are all answered before the loop reads from Redis or writes to a reader again.
 * A request whose client has gone is not handled. While `isHurried`, a turn is 1 ms. `now` is in ms.
 */
export function inTurns<Request extends IncomingMessage>(
  listener: Listener<Request>,
  isHurried: () => boolean = () => false,
  now: () => number = () => performance.now(),
): Listener<Request> {
  const waiting: (readonly [Request, ServerResponse])[] = [];
  let usedMs = 0;
  let isTurnScheduled = false;

  const isOver = () => usedMs >= (isHurried() ? hurriedTurnMs : usualTurnMs);
  const handle = (request: Request, response: ServerResponse) => {
    const start = now();
    listener(request, response);
    usedMs += now() - start;
  };
  const scheduleTurn = () => {
    if (isTurnScheduled) return;
    isTurnScheduled = true;
    setImmediate(takeTurn);
  };
  const takeTurn = () => {
    isTurnScheduled = false;
    usedMs = 0;
    let handled = 0;
    for (const [request, response] of waiting) {
      if (isOver()) break;
      handled++;
      if (!request.socket.destroyed) handle(request, response);
    }
    waiting.splice(0, handled);
    if (handled > 0) scheduleTurn();
  };

  return (request, response) => {
    scheduleTurn();
    if (waiting.length > 0 || isOver()) waiting.push([request, response]);
    else handle(request, response);
  };
}
