import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, inject, test } from 'vitest';
import { runCommand } from '../../src/cli/cli.ts';
import { startApi } from '../api/start-api.ts';
import { testKey } from '../resources/flashwire.ts';
import { run as runRedisCommand } from '../wiring/commands/run-redis-command.ts';

async function flashwire(url: string, ...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const env = { FLASHWIRE_URL: url, FLASHWIRE_KEY: testKey };
  const code = await runCommand(argv, {
    env,
    version: '1.2.3',
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Nothing listens there: what is refused has asked nobody. */
const nowhere = 'http://127.0.0.1:1';
const awayRedis = { REDIS_URL: 'redis://127.0.0.1:1' };

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a line without quotes', ['post', 'Fire', 'in', 'Lyon', '--urgency', 'flash'], /unexpected "in".*quotes/],
  ['a second id', ['hide', 'A', 'B'], /unexpected "B"/],
  ['a second id', ['release', 'A', 'B'], /unexpected "B"/],
  ['a second id', ['retract', 'A', 'B'], /unexpected "B"/],
  ['a line without quotes', ['correct', 'A', 'Fire', 'in', '--refile'], /unexpected "in"/],
  ['a word', ['list', 'published'], /unexpected "published"/],
  ['a word', ['tail', 'ar'], /unexpected "ar"/],
  ['a word', ['stop', 'off'], /unexpected "off"/],
  ['a word', ['keys', 'list', 'x'], /^flashwire: keys: /],
  ['two keys', ['keys', 'revoke', 'a', 'b'], /^flashwire: keys: /],
  ['an empty id', ['hide', ' '], /<id>/],
  ['no id', ['retract'], /<id>/],
  ['an empty line', ['correct', 'A', '', '--refile'], /AFP: headline/],
  ['a name that is missing', ['keys', 'create'], /--name/],
  ['an option of another command', ['hide', 'A', '--urgency', 'flash'], /hide.*--urgency/],
  ['an option that there is not', ['post', 'x', '--sektion', 'y'], /--sektion.*--section/],
  ['an option that there is not', ['post', 'x', '--__proto__', 'y'], /--__proto__/],
  ['a short option that there is not', ['post', 'x', '-u', 'flash'], /-u/],
  ['an option without its value', ['post', 'x', '--urgency'], /--urgency needs a value/],
  ['an option for a value', ['post', 'x', '--urgency', '--draft'], /--urgency needs a value/],
  ['an empty value', ['post', 'x', '--edition='], /--edition needs a value/],
  ['a flag with a value', ['post', 'x', '--draft=yes'], /--draft takes no value/],
  ['a flag with a value', ['post', 'x', '--strict=no'], /--strict takes no value/],
  ['a flag of another command', ['hide', 'A', '--confirm-fuse'], /hide.*--confirm-fuse/],
  ['a flag of another command', ['release', 'A', '--strict'], /release.*--strict/],
  ['two of which one would be lost', ['post', 'x', '--edition', 'en', '--edition', 'ar'], /--edition.*once/],
  ['a duration with a unit', ['post', 'x', '--hold', '5s'], /--hold.*"5s".*whole number from 0 to 30/],
  ['an empty duration', ['post', 'x', '--hold', ' '], /--hold/],
  ['too long a hold', ['post', 'x', '--hold', '31'], /from 0 to 30/],
  ['no number', ['list', '--limit', '1e1'], /--limit.*"1e1".*from 1 to 100/],
  ['an urgency that there is not', ['post', 'x', '--urgency', 'loud'], /--urgency.*"loud".*flash, urgent, update/],
  ['an urgency that there is not', ['tail', '--urgency', 'loud'], /flash, urgent, update/],
  ['a state that there is not', ['list', '--state', 'published,gone'], /--state.*"gone".*draft, held/],
  ['a role that there is not', ['keys', 'create', '--name', 'A', '--role', 'king'], /reporter, editor, admin/],
  ['another protocol', ['list', '--url', 'ftp://news.example'], /--url.*http/],
  ['text that a terminal would obey', ['hide', 'A', '\u001b]0;x\u0007\nB'], /^flashwire: [\x20-\x7e]*$/],
];

const wrongOfRedis: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no file', ['import'], /<file>/],
  ['two files', ['import', 'a', 'b'], /unexpected "b"/],
  ['a word', ['export', 'site.ndjson'], /unexpected "site.ndjson"/],
  ['no id', ['purge', '--edition', 'en', '--name', 'Ana'], /<id>/],
  ['no id of an item', ['purge', 'x', '--edition', 'en', '--name', 'Ana'], /id of the item/],
  ['no edition', ['purge', '01M852QEH281X1WTP23FQPMEGN', '--name', 'Ana'], /--edition/],
  ['nobody', ['purge', '01M852QEH281X1WTP23FQPMEGN', '--edition', 'en'], /--name/],
  [
    'a name with a control character',
    ['purge', '01M852QEH281X1WTP23FQPMEGN', '--edition', 'en', '--name', 'A\u202E'],
    /--name/,
  ],
  ['two files', ['verify', 'a', 'b'], /unexpected "b"/],
  ['an empty name of a file', ['verify', ''], /<file>/],
  ['another server', ['verify', '--url', 'https://news.example'], /verify.*--url/],
  ['a word too many', ['dead-letters', 'list', 'x'], /^flashwire: dead-letters: /],
  ['two jobs', ['dead-letters', 'remove', 'a', 'b'], /^flashwire: dead-letters: /],
];

describe('a wrong command line ends with 2 and one line, without a request', () => {
  test.each(wrong)('%s: %j', async (_, argv, line) => {
    const { code, out, err } = await flashwire(nowhere, ...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^flashwire: [^\n]+$/);
    expect(err).toMatch(line);
  });

  test.each(wrongOfRedis)('%s: %j', async (_, argv, line) => {
    const { code, out, err } = await runRedisCommand(argv, awayRedis);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err).toEqual([expect.stringMatching(line)]);
  });
});

const said = [
  ...['post', 'correct', 'hide', 'release', 'retract', 'list', 'tail', 'keys', 'stop'].map((name) => ({
    name,
    ask: async (option: string) => (await flashwire(nowhere, name, option)) as unknown,
  })),
  ...['export', 'import', 'verify', 'purge', 'dead-letters'].map((name) => ({
    name,
    ask: async (option: string): Promise<unknown> => {
      const { code, out, err } = await runRedisCommand([name, option], awayRedis);
      return { code, out: out.join('\n'), err: err.join('\n') };
    },
  })),
];

test.each(said)('$name answers --help, -h and --version', async ({ name, ask }) => {
  for (const option of ['--help', '-h'])
    expect(await ask(option)).toEqual({ code: 0, out: expect.stringContaining(`flashwire ${name}`), err: '' });
  expect(await ask('--version')).toEqual({ code: 0, out: '1.2.3', err: '' });
});

test('a correction keeps fields without an option', async () => {
  await using api = await startApi(inject('redisUrl'));
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
    expect(await flashwire(api.url, 'correct', id, ...argv)).toMatchObject({ code: 0 });

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

const hostile = 'A\u001b[2J\u009b31m\u0007\r\n\u2028\u202eB';
const plainBytes = /^[^\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E]*$/u;

test('control characters in a response do not reach the terminal', async () => {
  const item = {
    id: hostile,
    version: 1,
    state: hostile,
    seq: hostile,
    body: { headline: hostile, attribution: hostile },
  };
  const key = {
    keyId: hostile,
    role: hostile,
    name: hostile,
    editions: [hostile],
    lastUsedAt: hostile,
    revokedAt: hostile,
  };
  const fields = { stopped: true, by: hostile, at: hostile, token: hostile, items: [item], keys: [key] };
  const problem = { title: hostile, detail: hostile, errors: [{ pointer: hostile, detail: hostile }] };
  let status = 200;
  const server = createServer((_, response) =>
    response.writeHead(status).end(JSON.stringify(status === 200 ? { ...item, ...fields } : problem)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const commands = [
    ['post', 'x'],
    ['correct', 'x', '--refile'],
    ['hide', 'x'],
    ['release', 'x'],
    ['retract', 'x'],
    ['list'],
    ['keys'],
    ['keys', 'create', '--name', 'x'],
    ['keys', 'revoke', hostile],
    ['stop'],
  ];
  try {
    for (status of [200, 422])
      for (const argv of commands)
        for (const form of [[], ['--json']]) {
          const { code, out, err } = await flashwire(url, ...argv, ...form);
          expect(code).toBe(status === 200 ? 0 : 1);
          for (const line of [out, ...err.split('\n')]) expect(line, argv.join(' ')).toMatch(plainBytes);
          if (form.length > 0 && argv[1] !== 'revoke' && argv[0] !== 'keys')
            expect(JSON.parse(out)).toEqual(status === 200 ? { ...item, ...fields } : problem);
        }
  } finally {
    server.close();
  }
});
