import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns } from '../../src/ops/request-turns.ts';

/** Handlers that take `ms` each. `arrive` is a request as Node's parser emits it, `handled` what the handlers got per turn of the event loop. */
function serverWith(ms: number, isHurried = false) {
  let now = 0;
  const handled: string[] = [];
  const listener = inTurns(
    (request) => {
      handled.push(request.url ?? '');
      now += ms;
    },
    () => isHurried,
    () => now,
  );
  const arrive = (url: string) => {
    const request = new IncomingMessage(new Socket());
    request.url = url;
    listener(request, new ServerResponse(request));
    return request;
  };
  return { arrive, handled };
}

test('requests that arrive in one turn of the event loop are handled for 4 ms of it, and the others in order afterwards', async () => {
  const { arrive, handled } = serverWith(2);
  for (const url of ['/1', '/2', '/3', '/4', '/5']) arrive(url);
  expect(handled).toEqual(['/1', '/2']);
  await nextTurn();
  expect(handled).toEqual(['/1', '/2', '/3', '/4']);
  arrive('/6');
  await nextTurn();
  expect(handled).toEqual(['/1', '/2', '/3', '/4', '/5', '/6']);
});

test('a request that arrives alone is handled at once', async () => {
  const { arrive, handled } = serverWith(50);
  arrive('/1');
  expect(handled).toEqual(['/1']);
  await nextTurn();
  arrive('/2');
  expect(handled).toEqual(['/1', '/2']);
});

test('a request whose client has gone while it waited is not handled', async () => {
  const { arrive, handled } = serverWith(10);
  arrive('/1');
  arrive('/gone').socket.destroy();
  arrive('/2');
  await nextTurn();
  await nextTurn();
  expect(handled).toEqual(['/1', '/2']);
});

test('while the desk waits, requests have 1 ms of a turn', async () => {
  const { arrive, handled } = serverWith(0.5, true);
  for (const url of ['/1', '/2', '/3', '/4', '/5']) arrive(url);
  expect(handled).toEqual(['/1', '/2']);
  await nextTurn();
  expect(handled).toEqual(['/1', '/2', '/3', '/4']);
});
