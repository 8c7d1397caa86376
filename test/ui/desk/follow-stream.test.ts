import { expect, test } from 'vitest';
import { followStream, type StreamMessage } from '../../../src/ui/desk/remote/follow-stream.ts';
import { FakeFeed } from '../../client/fake-feed.ts';

test('a line separator in a text ends no line of the stream', async () => {
  const text = 'one\u2028data: two\u2029retry: 9\u2028event: three';
  const data = { edition: 'en', text };
  await using server = await FakeFeed.start((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: 400\n\nevent: item\ndata: ${JSON.stringify(data)}\n\n`);
  });
  const heard = new Promise<StreamMessage>((resolve) => {
    const stop = followStream(`${server.url}/v1/stream`, (message) => {
      stop();
      resolve(message);
    });
  });
  expect(await heard).toMatchObject({ type: 'events', events: [{ name: 'item', data }] });
});
