import { expect, test } from 'vitest';
import { httpSockets } from '../../src/client/http-sockets.ts';
import { FakeFeed } from './fake-feed.ts';

test('a line separator in a text ends no line of an event', async () => {
  const frame = JSON.stringify({ type: 'item', text: 'one\u2028data: two\u2029three' });
  await using server = await FakeFeed.start((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: 1\ndata: ${frame}\n\n`);
  });
  const [Events] = httpSockets;
  const socket = new Events(`${server.url.replace('http', 'ws')}/v1/feed`);
  const received = await new Promise((resolve) => {
    socket.addEventListener('message', ({ data }: { readonly data: unknown }) => resolve(data));
  });
  socket.close();
  expect(received).toBe(frame);
});
