import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { labelIn } from '../../src/item/site.ts';
import { parseSite, siteJsonSchema } from '../../src/item/site-schema.ts';

const committed: unknown = JSON.parse(readFileSync('flashwire.config.json', 'utf8'));

describe('the configuration of a site', () => {
  test('the committed configuration has three editions, eight sections and eight regions with a label in each language', () => {
    const site = parseSite(committed);
    expect(site.editions.map(({ id, dir }) => [id, dir])).toEqual([
      ['en', 'ltr'],
      ['ar', 'rtl'],
      ['es', 'ltr'],
    ]);
    for (const facet of [...site.sections, ...site.regions])
      expect(Object.keys(facet.labels).sort(), facet.id).toEqual(['ar', 'en', 'es']);
    expect([site.sections.length, site.regions.length]).toEqual([8, 8]);
  });

  test('a section has its label in the nearest language', () => {
    const labels = { en: 'Sports', zh: '体育', 'zh-Hant': '體育', pt: 'Esportes' };
    const shown = ['zh-Hant-TW', 'zh-Hant', 'zh-CN', 'pt-BR', 'pt', 'en-GB', 'my'].map((tag) => labelIn(labels, tag));
    expect(shown).toEqual(['體育', '體育', '体育', 'Esportes', 'Esportes', 'Sports', 'Sports']);
    expect(labelIn({ fr: 'Sports' }, 'my')).toBeUndefined();
  });

  test('the JSON Schema of the configuration is generated from the code', () => {
    expect(JSON.parse(readFileSync('flashwire.config.schema.json', 'utf8'))).toEqual(siteJsonSchema());
  });

  test.each([
    [{}, /editions/],
    [{ editions: [] }, /editions/],
    [{ ...(committed as object), colour: 'red' }, /colour/],
    [
      { editions: [{ id: 'EN', name: 'x', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' }] },
      /editions\.0\.id/,
    ],
    [
      { editions: [{ id: 'en', name: 'x', language: 'en', dir: 'ltr', timeZone: 'Mars/Base', numerals: 'latn' }] },
      /timeZone.*IANA/,
    ],
    [
      {
        editions: [],
        sections: [
          { id: 'a', labels: {} },
          { id: 'a', labels: {} },
        ],
      },
      /editions/,
    ],
  ])('a configuration is refused with one line that names the place: %j', (json, message) => {
    expect(() => parseSite(json)).toThrow(message);
    try {
      parseSite(json);
    } catch (error) {
      expect(String(error)).not.toContain('\n');
    }
  });
});
