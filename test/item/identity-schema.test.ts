import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demonstration } from '../../src/item/demonstration.ts';
import { publisherName, siteName, taglineOf, wordsIn } from '../../src/item/site.ts';
import { parseSite } from '../../src/item/site-schema.ts';

const edition = { id: 'en', name: 'x', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
const french = { ...edition, id: 'fr', language: 'fr' };
const file = (site: object) => ({ site, editions: [edition, french] });

describe('the identity of a site', () => {
  test('a configuration file without it is a demonstration, as the shipped one says', () => {
    const shipped = parseSite(JSON.parse(readFileSync('flashwire.config.json', 'utf8')));
    expect(parseSite({ editions: [edition] }).site).toEqual(demonstration);
    expect(shipped.site).toEqual(demonstration);
    expect(siteName(shipped, 'ar-EG')).toBe('غرفة أخبار تجريبية');
  });

  test('words are the same in every language, or those of the nearest language', () => {
    const { site } = parseSite(file({ name: { en: 'The Daily', 'fr-be': 'Le Quotidien' }, tagline: 'News' }));
    const names = ['fr-BE', 'fr', 'en-GB', 'ar'].map((language) => siteName({ site }, language));
    expect(names).toEqual(['Le Quotidien', 'The Daily', 'The Daily', 'The Daily']);
    expect([taglineOf({ site }, 'fr'), publisherName({ site }, 'fr-BE')]).toEqual(['News', 'Le Quotidien']);
    expect(wordsIn({ fr: 'Nouvelles' }, 'ar')).toBe('Nouvelles');
    expect(taglineOf(parseSite(file({ name: 'x' })), 'fr')).toBe('');
  });

  test('colours become six lower-case digits', () => {
    const { site } = parseSite(file({ name: 'x', colors: { brand: '#0B5', flash: '#C8102E' } }));
    expect(site.colors).toEqual({ brand: '#00bb55', flash: '#c8102e' });
  });

  test('pictures are files, paths and https addresses; links are paths and https addresses', () => {
    const pictures = ['logo.svg', '../brand/logo.png', '/img/logo.svg', 'https://cdn.example/logo.svg?v=1'];
    for (const light of pictures) expect(parseSite(file({ name: 'x', logo: { light } })).site.logo).toEqual({ light });
    const shouted = parseSite(file({ name: 'x', icon: 'HTTPS://CDN.example/icon.png' }));
    expect(shouted.site.icon).toBe('https://cdn.example/icon.png');
    const links = ['/about', 'https://news.example/terms'].map((url) => ({ label: { en: 'About' }, url }));
    expect(parseSite(file({ name: 'x', links })).site.links).toEqual(links);
  });

  test.each([
    [{}, 'site.name: must be a text, or texts by language tag such as {"en": "News"}'],
    [{ name: '' }, 'site.name: is empty'],
    [{ name: 5 }, 'site.name: must be a text, or texts by language tag such as {"en": "News"}'],
    [{ name: {} }, 'site.name: has no text for the language en of an edition; add it, or "en" for all others'],
    [{ name: { ar: 'x' } }, 'site.name: has no text for the language en of an edition; add it, or "en" for all others'],
    [{ name: { en: 'a\nb' } }, 'site.name.en: has a line break; it must be one line'],
    [{ name: { english: 'x' } }, /site\.name/],
    [{ name: 'x', icn: 'a.png' }, 'site.icn: is not a known field'],
    [{ name: 'x', colors: { brand: 'navy' } }, 'site.colors.brand: must be a CSS hex colour, such as #0b5394'],
    [{ name: 'x', colors: { flash: '#12345' } }, 'site.colors.flash: must be a CSS hex colour, such as #0b5394'],
    [{ name: 'x', colors: { text: '#123' } }, 'site.colors.text: is not a known field'],
    [{ name: 'x', logo: {} }, /site\.logo\.light: is missing/],
    [
      { name: 'x', logo: { light: 'http://a.example/a.png' } },
      /site\.logo\.light: must be an https address, a path on/,
    ],
    [{ name: 'x', logo: { light: '//a.example/a.png' } }, /site\.logo\.light: must be an https address, a path on/],
    [{ name: 'x', image: 'data:image/png;base64,AA' }, /site\.image: must be an https address/],
    [{ name: 'x', links: [{ label: 'A', url: 'javascript:1' }] }, /site\.links\.0\.url: must be an https address or/],
    [
      { name: 'x', links: [{ label: { ar: 'A' }, url: '/' }] },
      /site\.links\.0\.label: has no text for the language en/,
    ],
    [{ name: 'x', social: ['@news'] }, /site\.social\.0: must be an https address/],
  ])('is refused with one line that names the place: %j', (site, message) => {
    expect(() => parseSite(file(site))).toThrow(message);
    expect(() => parseSite(file(site))).not.toThrow(/\n/);
  });
});
