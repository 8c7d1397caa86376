import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { deep, keys, line, post, within } from './clients/json-client.ts';

/** Row 39: bodies that are too big, too deep, too many or mislabelled, against the API in its own process. */
let api: Running;

beforeAll(async () => {
  api = await startFlashwire('api', {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_POST_RATE: '100000',
  });
});

afterAll(() => api[Symbol.asyncDispose]());

describe('request bodies', () => {
  test.each<[string, Buffer | string, Record<string, string>, number, string]>([
    ['10 MB', within(`"topics":["${'x'.repeat(10_000_000)}"]`), {}, 413, 'body-too-large'],
    [
      '10 MB in chunks',
      within(`"x":"${'x'.repeat(10_000_000)}"`),
      { 'transfer-encoding': 'chunked' },
      413,
      'body-too-large',
    ],
    ['a million keys', `{${keys(1_000_000)}}`, {}, 413, 'body-too-large'],
    ['one very long key', `{"${'k'.repeat(32_000)}":1}`, {}, 422, 'invalid'],
    ['as many keys as fit', `{${keys(4_000)}}`, {}, 422, 'invalid'],
    ['arrays nested 50,000 deep', deep(50_000, '[', ']'), {}, 413, 'body-too-large'],
    ['arrays as deep as fit', deep(16_000, '[', ']'), {}, 422, 'invalid'],
    ['objects as deep as fit', `${'{"a":'.repeat(5_400)}1${'}'.repeat(5_400)}`, {}, 422, 'invalid'],
    ['arrays as deep as fit in a known field', within(`"topics":${deep(16_000, '[', ']')}`), {}, 422, 'invalid'],
    [
      'arrays as deep as fit in the headline',
      `{"edition":"en","headline":${deep(16_000, '[', ']')}}`,
      {},
      422,
      'invalid',
    ],
    ['arrays as deep as fit, never closed', '['.repeat(32_768), {}, 400, 'bad-json'],
    ['with __proto__', within('"__proto__":{"role":"admin"}'), {}, 422, 'invalid'],
    ['with __proto__ inside', within('"translationOf":{"id":"x","version":1,"__proto__":{}}'), {}, 422, 'invalid'],
    ['with constructor', within('"constructor":{"prototype":{"x":1}}'), {}, 422, 'invalid'],
    ['with prototype', within('"prototype":{}'), {}, 422, 'invalid'],
    ['with toString', within('"toString":"x"'), {}, 422, 'invalid'],
    ['with NaN', within('"holdSeconds":NaN'), {}, 400, 'bad-json'],
    ['with Infinity', within('"holdSeconds":Infinity'), {}, 400, 'bad-json'],
    ['with 1e999', within('"holdSeconds":1e999'), {}, 422, 'invalid'],
    ['with -1e999', within('"holdSeconds":-1e999'), {}, 422, 'invalid'],
    ['with half a second', within('"holdSeconds":0.5'), {}, 422, 'invalid'],
    ['with a comment', `{${line} /* x */}`, {}, 400, 'bad-json'],
    ['a trailing comma', `{${line},}`, {}, 400, 'bad-json'],
    ['two values', `{${line}}{}`, {}, 400, 'bad-json'],
    ['a string', '"x"', {}, 400, 'bad-json'],
    ['a number', '1e999', {}, 400, 'bad-json'],
    ['null', 'null', {}, 400, 'bad-json'],
    ['an array', '[]', {}, 422, 'invalid'],
    ['nothing', '', { 'content-length': '0' }, 422, 'invalid'],
    ['spaces', '   ', {}, 400, 'bad-json'],
    ['zeros', Buffer.alloc(1_000), {}, 400, 'bad-json'],
    ['an escaped half of a pair', `{"edition":"en","headline":"x\\ud800"}`, {}, 422, 'invalid'],
    [
      'not UTF-8',
      Buffer.concat([Buffer.from('{"edition":"en","headline":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]),
      {},
      400,
      'bad-json',
    ],
    [
      'an overlong form of /',
      Buffer.concat([Buffer.from('{"edition":"en","headline":"x'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
      {},
      400,
      'bad-json',
    ],
    [
      'UTF-16 and says so',
      Buffer.from(`{${line}}`, 'utf16le'),
      { 'content-type': 'application/json; charset=utf-16' },
      415,
      'unsupported-media-type',
    ],
    ['UTF-16 without a charset', Buffer.from(`{${line}}`, 'utf16le'), {}, 400, 'bad-json'],
    ['UTF-7', `{${line}}`, { 'content-type': 'application/json; charset=utf-7' }, 415, 'unsupported-media-type'],
    ['Latin-1', `{${line}}`, { 'content-type': 'application/json; charset=iso-8859-1' }, 415, 'unsupported-media-type'],
    [
      'of no charset that exists',
      `{${line}}`,
      { 'content-type': 'application/json; charset=__proto__' },
      415,
      'unsupported-media-type',
    ],
    ['text/plain', `{${line}}`, { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    [
      'a form',
      'edition=en&headline=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported-media-type',
    ],
    ['problem+json', `{${line}}`, { 'content-type': 'application/problem+json' }, 415, 'unsupported-media-type'],
    ['no content type', `{${line}}`, { 'content-type': '' }, 415, 'unsupported-media-type'],
    [
      'two content types',
      `{${line}}`,
      { 'content-type': 'application/json, text/plain' },
      415,
      'unsupported-media-type',
    ],
    ['gzip', gzipSync(`{${line}}`), { 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    [
      'a bomb of 100 MB',
      gzipSync(Buffer.alloc(100_000_000)),
      { 'content-encoding': 'gzip' },
      415,
      'unsupported-media-type',
    ],
    ['brotli', `{${line}}`, { 'content-encoding': 'br' }, 415, 'unsupported-media-type'],
    ['an unknown encoding', `{${line}}`, { 'content-encoding': 'constructor' }, 415, 'unsupported-media-type'],
  ])('a body is refused: %s', async (_name, body, headers, status, slug) => {
    const answer = await post(api.url, body, headers);
    expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { type: `/problems/${slug}` } });
    expect(answer.bytes).toBeLessThan(16_384);
    expect(answer.tookMs).toBeLessThan(10_000);
  });

  test.each<[string, Buffer | string, Record<string, string>, string]>([
    [
      'has a key twice is read with the last value, as JSON.parse does',
      `{"headline":"First",${line},"headline":"Second"}`,
      {},
      'Second',
    ],
    ['begins with a BOM is read without it', `\uFEFF{${line}}`, {}, 'The new bridge opens tonight'],
    ['has -0 is read as 0', within('"holdSeconds":-0'), {}, 'The new bridge opens tonight'],
    [
      'names its charset in capitals is read',
      `{${line}}`,
      { 'content-type': 'APPLICATION/JSON; Charset="UTF-8"' },
      'The new bridge opens tonight',
    ],
    [
      'says that it is not compressed is read',
      `{${line}}`,
      { 'content-encoding': 'identity' },
      'The new bridge opens tonight',
    ],
  ])('a body that %s', async (_name, body, headers, headline) => {
    const { status, body: accepted } = await post(api.url, body, headers);
    expect(status).toBe(202);
    const { body: item } = await desk(api.url, 'GET', `/v1/items/${(accepted as { id: string }).id}`);
    expect(item).toMatchObject({ body: { headline } });
  });
});

test('a problem lists a bounded number of faults, not thousands of fields', async () => {
  const { body, bytes } = await post(api.url, `{${keys(4_000)}}`, {}, '/v1/session');
  expect(body.errors?.length).toBeGreaterThan(10);
  expect(body.errors?.length).toBeLessThanOrEqual(64);
  expect(bytes).toBeLessThan(16_384);
});
