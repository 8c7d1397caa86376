import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demonstration } from '../../src/item/demonstration.ts';
import { seededSources } from '../../src/item/line/source.ts';
import { slotsOf } from '../../src/item/line/template.ts';
import { labelIn, publicSite } from '../../src/item/site.ts';
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

  test('no edition has the id of a page of the desk', () => {
    const edition = { id: 'api', name: 'x', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
    expect(() => parseSite({ editions: [edition] })).toThrow('editions.0.id: must not be "api": /desk/api is the page');
  });

  test('a template has the names of its slots, each once', () => {
    expect(slotsOf('{name} resigns as {office}; {name} was ..')).toEqual(['name', 'office']);
  });

  test('a site without sources and templates is as before', () => {
    const edition = { id: 'en', name: 'x', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
    expect(parseSite({ editions: [edition] })).toEqual({
      site: demonstration,
      editions: [{ ...edition, access: 'public' }],
      sections: [],
      regions: [],
      topics: [],
      sources: [],
    });
  });

  test('the public part of a site has no source of an edition that needs a key', () => {
    const edition = { name: 'x', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
    const site = parseSite({
      editions: [
        { ...edition, id: 'en' },
        { ...edition, id: 'vip', access: 'key' },
      ],
      sources: [
        { name: 'AFP', kind: 'organisation' },
        { name: 'Ana Prueba', kind: 'person', editions: ['en', 'vip'] },
        { name: 'The minister', kind: 'person', editions: ['vip'] },
      ],
    });
    expect(publicSite(site).sources).toEqual([
      { name: 'AFP', kind: 'organisation' },
      { name: 'Ana Prueba', kind: 'person', editions: ['en'] },
    ]);
    expect(seededSources(site.sources, 'en').map(({ name }) => name)).toEqual(['AFP', 'Ana Prueba']);
  });

  const edition = { id: 'en', name: 'x', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
  const template = (...templates: readonly object[]) => ({ editions: [{ ...edition, templates }] });
  const sources = (...sources: readonly object[]) => ({ editions: [edition], sources });
  const afp = { name: 'AFP', kind: 'organisation' };

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
    [sources({ name: 'AFP' }), /sources\.0\.kind: .*person, organisation/],
    [sources({ ...afp, kind: 'agency' }), /sources\.0\.kind: must be one of person, organisation/],
    [sources({ ...afp, name: '' }), /sources\.0\.name: is empty/],
    [sources({ ...afp, name: '—' }), /sources\.0\.name: must have a letter or a digit/],
    [sources({ ...afp, name: 'x'.repeat(81) }), /sources\.0\.name: has 81 characters; at most 80/],
    [sources({ ...afp, name: 'a\nb' }), /sources\.0\.name: has a line break/],
    [sources({ ...afp, name: 'AFP: Paris' }), /sources\.0\.name: must not have a colon/],
    [sources({ ...afp, editions: ['xx'] }), /sources\.0\.editions\.0: is not an edition/],
    [sources({ ...afp, editions: [] }), /sources\.0\.editions/],
    [sources({ ...afp, url: 'https://afp.com' }), /sources\.0\.url: is not a known field/],
    [sources(afp, { ...afp, name: 'afp.' }), /sources\.1\.name: stands there twice/],
    [sources(afp, { ...afp, editions: ['en'] }), /sources\.1\.name: stands there twice/],
    [sources(...Array.from({ length: 501 }, (_, n) => ({ ...afp, name: `Agency ${n}` }))), /sources: .*500/],
    [{ editions: [edition], sources: 'AFP' }, /sources: must be a list/],
    [template({ name: 'Sirens' }), /templates\.0\.text: is missing/],
    [template({ name: 'Sirens', text: 'Sirens in {}' }), /templates\.0\.text: must have braces only/],
    [template({ name: 'Sirens', text: 'Sirens in {place' }), /templates\.0\.text: must have braces only/],
    [template({ name: 'Sirens', text: 'Sirens in {{place}}' }), /templates\.0\.text: must have braces only/],
    [template({ name: 'Sirens', text: 'x', urgency: 'now' }), /templates\.0\.urgency: must be one of flash/],
    [template({ name: 'x'.repeat(61), text: 'x' }), /templates\.0\.name: has 61 characters/],
    [template({ name: 'A', text: 'x' }, { name: 'A', text: 'y' }), /templates\.1\.name: stands there twice/],
    [template({ name: 'A', text: 'x', key: 'F1' }), /templates\.0\.key: is not a known field/],
    [{ editions: [{ ...edition, maxAgeHours: 0 }] }, /maxAgeHours: must be at least 1/],
    [{ editions: [{ ...edition, maxAgeHours: 87_601 }] }, /maxAgeHours: must be at most 87,600/],
    [{ editions: [{ ...edition, flashMinutes: -1 }] }, /flashMinutes: must be at least 0/],
    [{ editions: [{ ...edition, flashMinutes: 1_441 }] }, /flashMinutes: must be at most 1,440/],
    [{ editions: [{ ...edition, flashesPerMinute: 0 }] }, /flashesPerMinute: must be at least 1/],
    [{ editions: [{ ...edition, flashesPerMinute: 601 }] }, /flashesPerMinute: must be at most 600/],
    [{ editions: [{ ...edition, flashesPerMinute: 2.5 }] }, /flashesPerMinute: must be a whole number/],
    [{ editions: [{ ...edition, flashesPerMinute: '5' }] }, /flashesPerMinute: must be a number, not a text/],
  ])('a configuration is refused with one line that names the place: %j', (json, message) => {
    expect(() => parseSite(json)).toThrow(message);
    try {
      parseSite(json);
    } catch (error) {
      expect(String(error)).not.toContain('\n');
    }
  });
});
