import { describe, expect, test } from 'vitest';
import { parseWithFaults } from '../../src/item/fault-text.ts';
import { defaultNotice } from '../../src/item/notice.ts';
import { bodyOf, createItemSchemas } from '../../src/item/schema.ts';
import type { SiteEdition } from '../../src/item/site.ts';
import { parseSite } from '../../src/item/site-schema.ts';
import { noticeIn } from '../../src/ui/strings/strings.ts';
import { site, siteEdition } from '../resources/site.ts';

const schemas = createItemSchemas(site);
const line = { edition: 'en', headline: 'The new bridge opens tonight' };
const faultsOf = (schema: 'publish' | 'correct' | 'retract', body: unknown) => {
  const result = parseWithFaults(schemas[schema], body);
  return result.ok ? [] : result.faults.map(({ path, detail }) => `${path.join('/')} ${detail}`);
};
const published = (more: object) => {
  const result = parseWithFaults(schemas.publish, { ...line, ...more });
  return result.ok ? bodyOf(site, result.value) : result.faults.map(({ detail }) => detail);
};

describe('the faults of a body', () => {
  test.each(['publish', 'correct', 'publishDraft', 'retract', 'empty'] as const)(
    'a %s that is no object has one fault',
    (name) => {
      for (const body of [null, [], 'text', 5, true]) {
        const result = parseWithFaults(schemas[name], body);
        expect(result.ok ? [] : result.faults.map(({ path }) => path.join('/'))).toEqual(['']);
      }
    },
  );

  test.each<['publish' | 'correct' | 'retract', unknown, string[]]>([
    ['publish', [], [' must be an object, such as {"name": "value"}, not a list']],
    ['publish', null, [' must be an object, such as {"name": "value"}, not null; leave out a field without a value']],
    [
      'publish',
      {},
      [
        'edition is missing: it must be the id of an edition, such as en, ar, es',
        'headline is missing: it must be a text',
      ],
    ],
    ['publish', { ...line, edition: 'xx' }, ['edition must be the id of an edition, such as en, ar, es']],
    ['publish', { ...line, sections: 'politics' }, ['sections must be a list, such as ["one", "two"], not a text']],
    ['publish', { ...line, regions: {} }, ['regions must be a list, such as ["one", "two"], not an object']],
    ['publish', { ...line, topics: 'x'.repeat(2_000) }, ['topics must be a list, such as ["one", "two"], not a text']],
    ['publish', { ...line, topics: [5] }, ['topics/0 must be a text, not a number']],
    ['publish', { ...line, topics: 'abcdefghijkl'.split('') }, ['topics must have at most 10 entries']],
    ['publish', { ...line, headline: 5 }, ['headline must be a text, not a number']],
    [
      'publish',
      { ...line, attribution: null },
      ['attribution must be a text, not null; leave out a field without a value'],
    ],
    ['publish', { ...line, urgency: 'now' }, ['urgency must be one of flash, urgent, update']],
    ['publish', { ...line, dir: 5 }, ['dir must be one of ltr, rtl']],
    ['publish', { ...line, holdSeconds: '3' }, ['holdSeconds must be a number, not a text']],
    ['publish', { ...line, holdSeconds: 31 }, ['holdSeconds must be at most 30']],
    ['publish', { ...line, holdSeconds: -1 }, ['holdSeconds must be at least 0']],
    ['publish', { ...line, holdSeconds: 0.5 }, ['holdSeconds must be a whole number']],
    ['publish', { ...line, state: 'live' }, ['state must be draft']],
    ['publish', { ...line, colour: 1 }, ['colour is not a known field']],
    [
      'publish',
      { ...line, translationOf: {} },
      ['translationOf/id is missing: it must be a text', 'translationOf/version is missing: it must be a number'],
    ],
    ['correct', { ...line, correction: { kind: 'x' } }, ['correction/kind must be one of corrected, refile']],
    ['correct', { ...line, correction: { kind: 'corrected' } }, ['correction/note is missing: it must be a text']],
    ['retract', {}, ['reason is missing: it must be a text']],
    ['retract', { reason: ['x'] }, ['reason must be a text, not a list']],
  ])('the faults of %s %j are in plain words', (schema, body, faults) => {
    expect(faultsOf(schema, body)).toEqual(faults);
  });

  test('a configuration has its faults in the same words', () => {
    const edition = { id: 'en', name: '', language: 'english!', dir: 'up', timeZone: 'UTC', numerals: 'latn' };
    expect(() => parseSite({ editions: [edition], sections: 'politics', colour: 1 })).toThrow(
      'editions.0.name: must not be empty; editions.0.language: must be a BCP 47 language tag of at most 35 characters, such as pt-BR; ' +
        'editions.0.dir: must be one of ltr, rtl; sections: must be a list, such as ["one", "two"], not a text; colour: is not a known field',
    );
  });
});

describe('a language tag', () => {
  test.each([
    ['pt-br', 'pt-BR'],
    ['PT-BR', 'pt-BR'],
    ['EN', 'en'],
    ['zh-hant-hk', 'zh-Hant-HK'],
    ['sr-latn-rs', 'sr-Latn-RS'],
    ['es-419', 'es-419'],
    ['ar-EG-u-nu-latn', 'ar-EG-u-nu-latn'],
    ['iw', 'he'],
  ])('the language tag %s is stored as %s, in an item, in a configuration and in its labels', (given, tag) => {
    expect(published({ language: given })).toMatchObject({ language: tag });
    const edition = { id: 'a', name: 'A', language: given, dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
    const site = parseSite({ editions: [edition], sections: [{ id: 's', labels: { [given]: 'Label' } }] });
    expect(site).toMatchObject({ editions: [{ language: tag }], sections: [{ labels: { [tag]: 'Label' } }] });
    expect(defaultNotice({ ...edition, ...site.editions[0] } as SiteEdition, 0, noticeIn)).toContain('00:00');
  });

  test.each(['', 'english language', 'pt_BR', 'x', 'en-', `en-x-${'a-'.repeat(20)}a`, 'en\u0000'])(
    '%j is not a language tag',
    (given) => {
      expect(published({ language: given })).toEqual([
        'must be a BCP 47 language tag of at most 35 characters, such as pt-BR',
      ]);
    },
  );
});

describe('an address', () => {
  test.each([
    ['https://news.example.org/fire', 'https://news.example.org/fire'],
    ['HTTPS://News.Example.org', 'https://news.example.org/'],
    [
      'https://news.example/\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645',
      'https://news.example/%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88%D8%A7%D9%87%D9%85',
    ],
    ['https://नेपाल.example/क\u094D\u200Dष', 'https://xn--l2bey1c2b.example/%E0%A4%95%E0%A5%8D%E2%80%8D%E0%A4%B7'],
    ['https://news.example/a/../b?q=%20#c', 'https://news.example/b?q=%20#c'],
    ['https://news.example/%E2%80%AEgnp.exe', 'https://news.example/%E2%80%AEgnp.exe'],
    ['https://news.example:443/', 'https://news.example/'],
  ])('the address %j is stored as %s', (given, href) => {
    expect(published({ url: given })).toMatchObject({ url: href });
  });

  test.each([
    ['https://evil.example\\@news.example/', /backslash/],
    ['https:\\\\news.example/', /backslash/],
    ['https://news.example/a\\b', /backslash/],
    [' https://news.example/', /space/],
    ['https://news.example/a b', /space/],
    ['https://news.example/a\nb', /control/],
    ['https://news.example/\uD800', /control|backslash/],
    ['https://news.example/\u202Egnp.exe', /invisible/],
    ['https://news.example/\u2067a\u2069', /invisible/],
    ['https://news.example/a\u200F', /invisible/],
    ['https://news.example/?q=\u061C', /invisible/],
    ['https://news.example/a\u00ADb', /invisible/],
    ['https://news.example/a\u200B', /invisible/],
    ['\uFEFFhttps://news.example/', /invisible/],
    ['https://news.example/#\u{E0041}', /invisible/],
    ['https://user@news.example/', /user name/],
    ['https://user:secret@news.example/', /user name/],
    ['https:news.example', /https address/],
    ['https:///news.example', /https address/],
    ['//news.example/', /https address/],
    ['http://news.example/', /https address/],
    ['javascript:alert(1)', /https address/],
    ['https://', /https address/],
    [`https://news.example/${'x'.repeat(2_048)}`, /2,048/],
    [`https://news.example/${'я'.repeat(500)}`, /percent-encoded/],
  ])('the address %j is refused', (given, why) => {
    expect(published({ url: given })).toEqual([expect.stringMatching(why)]);
  });
});

describe('the default notice of a retraction', () => {
  const at = Date.UTC(2026, 0, 1, 20, 49);
  const edition = (language: string, more: Partial<SiteEdition> = {}) => siteEdition('a', { language, ...more });

  test.each([
    [edition('en-GB'), 'A report published at 20:49 UTC has been withdrawn.'],
    [edition('ar', { numerals: 'arab' }), 'سُحب خبر نُشر عند الساعة ٢٠:٤٩ UTC.'],
    [edition('es-419'), 'Se ha retirado una noticia publicada a las 20:49 UTC.'],
    [edition('fr', { timeZone: 'Europe/Paris' }), 'Une information publiée à 21:49 UTC+1 a été retirée.'],
    [edition('de'), '✕ 20:49 UTC'],
    [edition('my', { numerals: 'latn' }), '✕ UTC 20:49'],
    [edition('pt-BR', { notice: 'Retiramos uma linha das {time}.' }), 'Retiramos uma linha das 20:49 UTC.'],
    [edition('en', { notice: 'Withdrawn.' }), 'Withdrawn.'],
  ])('the default notice of %j is in the language of its readers, or without words', (home, notice) => {
    expect(defaultNotice(home, at, noticeIn)).toBe(notice);
  });

  test('the notice of a configuration follows the rules of one-line text', () => {
    const site = (notice: unknown) => ({ editions: [{ ...edition('de'), notice }] });
    expect(parseSite(site(' Eine Meldung von {time} wurde zurückgezogen. ')).editions[0]?.notice).toBe(
      'Eine Meldung von {time} wurde zurückgezogen.',
    );
    expect(() => parseSite(site('two\nlines'))).toThrow(/editions\.0\.notice: has a line break/);
  });
});
