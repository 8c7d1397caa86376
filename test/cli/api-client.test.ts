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
    call: (path: string, method: 'POST' | 'GET' = 'POST') => {
      const client = new ApiClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'key');
      return client.call({ method, path, ...(method === 'POST' && { body: {} }) });
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

test('a refusal after an attempt whose outcome is unknown does not say that nothing was accepted', async () => {
  const refusal = {
    ...problem(503, 'unavailable'),
    body: problem(503, 'unavailable').body.replace('""', '"Nothing was accepted."'),
  };
  const unknown = { exitCode: 3, message: expect.stringMatching(/^unavailable; .*the outcome is unknown/) };
  const refused = { exitCode: 3, message: 'unavailable. Nothing was accepted.' };
  const unknowns = [page(502), page(200), problem(504, 'outcome-unknown'), problem(500, 'internal')];
  const cases = [
    ...unknowns.map((first) => [first, 'POST', unknown] as const),
    [page(502), 'GET', refused] as const,
    [refusal, 'POST', refused] as const,
  ];
  await Promise.all(
    cases.map(async ([first, method, expected]) => {
      await using api = await answering(first, refusal);
      await expect(api.call('/v1/items', method), `${method} ${first.body}`).rejects.toMatchObject(expected);
      expect(api.keys).toHaveLength(4);
    }),
  );
});

test('after an unknown outcome a refusal decides only if the API has looked at the request', async () => {
  await Promise.all(
    [401, 403, 429].map(async (status) => {
      await using api = await answering(page(502), problem(status, 'refused'));
      const unknown = { exitCode: 3, message: expect.stringContaining('the outcome is unknown') };
      await expect(api.call('/v1/items'), String(status)).rejects.toMatchObject(unknown);
    }),
  );
  await using api = await answering(page(502), problem(422, 'invalid'));
  await expect(api.call('/v1/items')).rejects.toMatchObject({ exitCode: 1, message: 'invalid. ' });
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
