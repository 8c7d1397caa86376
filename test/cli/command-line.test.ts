import { expect, inject, test } from 'vitest';
import { runCommand } from '../../src/cli/cli.ts';
import { openDesk } from '../desk/open-desk.ts';
import { testKey } from '../resources/flashwire.ts';

async function flashwire(url: string, ...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const env = { FLASHWIRE_URL: url, FLASHWIRE_KEY: testKey };
  const code = await runCommand(argv, {
    env,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

test('a correction keeps what is not given', async () => {
  await using api = await openDesk(inject('redisUrl'));
  const headers = { authorization: `Bearer ${testKey}`, 'content-type': 'application/json', prefer: 'wait=5' };
  const post = async (body: object) => {
    const response = await fetch(`${api.url}/v1/items`, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as { readonly id: string };
  };
  const original = await post({ edition: 'ar', headline: 'The original' });
  const body = {
    edition: 'en',
    headline: 'Der Zug steht',
    attribution: 'dpa',
    language: 'de',
    dir: 'rtl',
    urgency: 'update',
    sections: ['politics'],
    regions: ['europe'],
    topics: ['trains'],
    url: 'https://news.example/train',
    expiresAt: '2090-01-01T00:00:00.000Z',
    translationOf: { id: original.id, version: 1 },
  };
  const { id } = await post(body);
  const bodyNow = async () => {
    const response = await fetch(`${api.url}/v1/items/${id}`, { headers });
    const { correction: _, ...rest } = ((await response.json()) as { readonly body: Record<string, unknown> }).body;
    return rest;
  };
  const correct = async (...argv: readonly string[]) =>
    expect(await flashwire(api.url, 'correct', id, ...argv)).toMatchObject({ code: 0, err: '' });

  await correct('--refile', '--link', 'https://news.example/zug');
  expect(await bodyNow()).toEqual({ ...body, url: 'https://news.example/zug' });
  await correct('Der Zug fährt', '--note', 'Er fährt wieder.');
  expect(await bodyNow()).toMatchObject({ headline: 'Der Zug fährt', attribution: 'dpa', language: 'de' });
  await correct('--refile', '--attribution', 'Bahn');
  expect(await bodyNow()).toMatchObject({ headline: 'Der Zug fährt', attribution: 'Bahn', dir: 'rtl' });
  await correct('Reuters: Der Zug hält', '--refile');
  expect(await bodyNow()).toMatchObject({ headline: 'Der Zug hält', attribution: 'Reuters' });
  await correct('--refile', '--attribution', '');
  const { token } = await api.keys.create({ name: 'En alone', role: 'editor', editions: ['en'] });
  await correct('--refile', '--key', token); // which does not see the original
  const { attribution: _, ...rest } = body;
  expect(await bodyNow()).toEqual({ ...rest, headline: 'Der Zug hält', url: 'https://news.example/zug' });
});
