import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/api-client.ts';

interface Scripted {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

const page = (status: number): Scripted => ({ status, type: 'text/html', body: `<html>${status}</html>` });
const problem = (status: number, type: string): Scripted => ({
  status,
  type: 'application/problem+json',
  body: JSON.stringify({ type: `/problems/${type}`, title: type, status, detail: '' }),
});
const accepted: Scripted = { status: 202, type: 'application/json', body: '{"id":"x"}' };

/** Answers in this order, and the last one from then on. */
async function answering(...answers: readonly Scripted[]) {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(keys.length, answers.length - 1)];
    keys.push(request.headers['idempotency-key']);
    response.writeHead(answer?.status ?? 500, { 'content-type': answer?.type ?? 'text/html' }).end(answer?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    keys,
    call: (path: string) => {
      const client = new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'key');
      return client.call({ method: 'POST', path, body: {} });
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('an error page of a proxy is neither a success nor a refusal, and the same key is sent again until the API answers', async () => {
  await Promise.all(
    [page(502), page(503), page(504), page(520), page(200), { ...page(503), body: '{"message":"no upstream"}' }].map(
      async (first) => {
        await using api = await answering(first, accepted);
        expect(await api.call('/v1/items'), String(first.status)).toEqual({ id: 'x' });
        expect(api.keys).toHaveLength(2);
        expect(new Set(api.keys).size).toBe(1);
        await using gone = await answering(first);
        const error = await gone.call('/v1/items').catch((caught: unknown) => caught);
        expect(error, String(first.status)).toMatchObject({
          exitCode: 3,
          message: expect.stringMatching(/a proxy.*the outcome is unknown$/),
        });
      },
    ),
  );
});

test('POST /v1/keys is repeated only after the refusal of the API itself', async () => {
  for (const status of [502, 503, 504]) {
    await using api = await answering(page(status), accepted);
    await expect(api.call('/v1/keys'), String(status)).rejects.toMatchObject({ exitCode: 3 });
    expect(api.keys).toHaveLength(1);
  }
  await using api = await answering(problem(503, 'unavailable'), accepted);
  expect(await api.call('/v1/keys')).toEqual({ id: 'x' });
});
