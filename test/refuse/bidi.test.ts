import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type RunningApi, startApi } from '../api/start-api.ts';
import { desk } from '../resources/flashwire.ts';

/** Row 41: which characters a line may have. Characters that languages need are kept; those that disguise, reorder or hide text are refused. */
let api: RunningApi;

beforeAll(async () => {
  api = await startApi(inject('redisUrl'), { postRate: 100_000 });
});

afterAll(() => api[Symbol.asyncDispose]());

const post = (headline: string) => desk(api.url, 'POST', '/v1/items', { edition: 'en', headline });

const wales = '\u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}';

describe('text that stays as it is', () => {
  test.each([
    ['LRM', 'ab\u200E1'],
    ['RLM', 'الجسر\u200F 1'],
    ['ALM', 'الجسر\u061C 1'],
    ['ZWNJ in Persian', 'می\u200Cخواهم'],
    ['ZWJ in Sinhala', 'ශ්\u200Dරී'],
    ['tatweel', 'مــرحبا'],
    ['a left-to-right isolate', 'a \u2066AFP\u2069 b'],
    ['a right-to-left isolate', 'a \u2067رئيس\u2069 b'],
    ['a first-strong isolate', 'a \u2068AFP\u2069 b'],
    ['isolates in isolates', '\u2067a \u2066b\u2069 c\u2069'],
    ['Arabic with its vowels', 'مُحَمَّدٌ'],
    ['Hebrew with its points', 'בְּרֵאשִׁית'],
    ['Thai', 'ที่นี่'],
    ['Devanagari', 'क्षत्रिय'],
    ['Vietnamese', 'Việt Nam'],
    ['an emoji of four', '👩‍👩‍👧‍👦'],
    ['an emoji with a skin', '👍🏽'],
    ['a flag', '🇵🇸'],
    ['a flag of tags', wales],
    ['a keycap', '1️⃣'],
    ['a soft hyphen', 'Donau\u00ADdampf'],
    ['look-alikes of other scripts', 'ВREAKING'],
  ])('a headline keeps %s', async (_name, text) => {
    const { status, body } = await post(`x ${text} x`);
    expect(status).toBe(202);
    const kept = await desk(api.url, 'GET', `/v1/items/${body['id']}`);
    expect(kept.body).toMatchObject({ body: { headline: `x ${text} x`.normalize('NFC') } });
  });
});

describe('text that is normalized', () => {
  test.each([
    ['a BOM', '\uFEFFa\uFEFFb', 'ab'],
    ['NBSP', '\u00A0a\u00A0b\u00A0', 'a b'],
    ['a tab', '\ta\tb\t', 'a b'],
    ['outer space', ' \u2003\u3000a ', 'a'],
    ['letters and marks', 'e\u0301', 'é'],
  ])('a headline is normalized: %s', async (_name, text, kept) => {
    const { body } = await post(text);
    expect((await desk(api.url, 'GET', `/v1/items/${body['id']}`)).body).toMatchObject({ body: { headline: kept } });
  });
});

const code = (point: number): [string, string] => [
  `U+${point.toString(16).toUpperCase()}`,
  String.fromCodePoint(point),
];
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => code(first + at));

const refused: readonly (readonly [string, string])[] = [
  ...from(0x202a, 0x202e),
  ...from(0x00, 0x08),
  ...from(0x0a, 0x1f),
  ...from(0x7f, 0x9f),
  ...from(0x2028, 0x2029),
  ...from(0x206a, 0x206f),
  ...from(0xfff9, 0xfffb),
  ...from(0xfffe, 0xffff),
  ...from(0xfdd0, 0xfdef),
  ...[0x1fffe, 0x10ffff, 0xe0001, 0xe0020, 0xe0041, 0xe007f].map(code),
  ['an isolate without its end', '\u2066'],
  ['an end without its isolate', '\u2069'],
  ['an end before its isolate', '\u2069\u2066'],
  ['two isolates with one end', '\u2067\u2068\u2069'],
  ['a flag of tags without its end', wales.slice(0, -2)],
  ['tags after another emoji', `👍${wales.slice(2)}`],
  ['a high half', '\ud83d'],
  ['a low half', '\ude00'],
  ['halves in the wrong order', '\ude00\ud83d'],
  ['four marks', 'z\u0300\u0301\u0302\u0303'],
  ['four marks, one in its letter', 'é\u0300\u0301\u0302'],
  ['marks with joiners between', 'z\u0300\u034F\u0301\u200D\u0302\u034F\u0303'],
  ['twenty marks', `z${'\u0351'.repeat(20)}`],
];

test.each(refused)('%s is refused in any text', async (_name, text) => {
  const bad = `a${text}b`;
  const { status, body } = await desk(api.url, 'POST', '/v1/items', { edition: 'en', headline: bad, attribution: bad });
  expect(status).toBe(422);
  const pointers = (body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
  expect([...new Set(pointers)].sort()).toEqual(['/attribution', '/headline']);
});

test.each([['\u200B'], ['\u200D\u200C'], ['\u0301'], ['\uFEFF'], ['\u00AD'], ['\u2066\u2069'], ['\u3164']])(
  'a line of only %j is refused as empty',
  async (text) => {
    expect((await post(text)).body).toMatchObject({ status: 422, errors: [{ detail: 'is empty' }] });
  },
);

describe('text beside the headline', () => {
  const bad = 'a\u202Eb';
  const line = { edition: 'en', headline: 'The new bridge opens tonight' };
  test('the note of a correction, and the reason and notice of a retraction, follow the same rules', async () => {
    const { body } = await desk(api.url, 'POST', '/v1/items', line, { prefer: 'wait=5' });
    const at = `/v1/items/${body['id']}`;
    const correction = { kind: 'corrected', note: bad };
    const note = await desk(api.url, 'PUT', at, { ...line, correction }, { 'if-match': '"1"' });
    expect(note).toMatchObject({ status: 422, body: { errors: [{ pointer: '/correction/note' }] } });
    const back = await desk(api.url, 'POST', `${at}/retract`, { reason: bad, notice: bad });
    expect(back).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }, { pointer: '/notice' }] } });
  });

  test.each([[bad], ['a\nb'], ['a\u0000b'], ['a\u{e0041}b'], ['a\u2066b'], ['a\uFFFEb'], ['a\ufffab']])(
    'topics, names of keys and the reason of a STOP follow the same rules: %j',
    async (text) => {
      const topic = await desk(api.url, 'POST', '/v1/items', { ...line, topics: [text] });
      expect(topic).toMatchObject({ status: 422, body: { errors: [{ pointer: '/topics/0' }] } });
      const key = await desk(api.url, 'POST', '/v1/keys', { name: text, role: 'editor' });
      expect(key).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } });
      const stop = await desk(api.url, 'PUT', '/v1/stop', { stopped: false, reason: text });
      expect(stop).toMatchObject({ status: 422, body: { errors: [{ pointer: '/reason' }] } });
    },
  );
});
