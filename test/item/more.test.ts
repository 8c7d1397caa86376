import { describe, expect, test } from 'vitest';
import { parseWithFaults } from '../../src/item/fault-text.ts';
import { bodyOf, createItemSchemas } from '../../src/item/schema.ts';
import { site } from '../resources/site.ts';

const schemas = createItemSchemas(site);
const line = { edition: 'en', headline: 'The new bridge opens tonight' };
const image = { url: 'https://news.example/bridge.jpg', alt: 'The bridge at night', width: 1_200, height: 800 };
const link = { text: 'The plan', url: 'https://news.example/plan' };

const taken = (more: object) => {
  const result = parseWithFaults(schemas.publish, { ...line, ...more });
  return result.ok
    ? bodyOf(site, result.value)
    : result.faults.map(({ path, detail }) => `/${path.join('/')} ${detail}`);
};

describe('what is below the line of an item', () => {
  test('paragraphs, links, a picture and a quote are cleaned like a headline', () => {
    expect(
      taken({
        paragraphs: ['  It was closed for two years. ', 'Cafe\u0301s open.'],
        links: [{ text: ' The plan ', url: 'https://News.example/plan' }],
        image: { ...image, credit: ' AFP ' },
        quote: { text: ' We are open. ', by: ' The mayor ' },
      }),
    ).toMatchObject({
      paragraphs: ['It was closed for two years.', 'Cafés open.'],
      links: [link],
      image: { ...image, credit: 'AFP' },
      quote: { text: 'We are open.', by: 'The mayor' },
    });
  });

  test('an item without them has none of their names', () => {
    expect(Object.keys(taken({ links: [] })).filter((name) => /paragraphs|links|image|quote/.test(name))).toEqual([]);
  });

  test.each<[object, string[]]>([
    [
      { image: { ...image, alt: undefined } },
      ['/image/alt is missing: it must say what the picture shows, for people who do not see it'],
    ],
    [{ image: { ...image, alt: ' ' } }, ['/image/alt is empty']],
    [
      { image: { ...image, url: 'http://news.example/a.jpg' } },
      ['/image/url must be an https address, such as https://news.example/story'],
    ],
    [{ image: { ...image, width: 0 } }, ['/image/width must be at least 1']],
    [{ image: { url: image.url, alt: image.alt, width: 5 } }, ['/image/height is missing: it must be a number']],
    [
      { links: [link, { ...link, url: 'http://news.example' }] },
      ['/links/1/url must be an https address, such as https://news.example/story'],
    ],
    [
      { links: [{ ...link, url: 'javascript:alert(1)' }] },
      ['/links/0/url must be an https address, such as https://news.example/story'],
    ],
    [{ links: Array.from({ length: 6 }, () => link) }, ['/links must have at most 5 entries']],
    [{ paragraphs: [] }, ['/paragraphs must have at least 1 entry']],
    [{ paragraphs: Array.from({ length: 6 }, () => 'x') }, ['/paragraphs must have at most 5 entries']],
    [{ paragraphs: ['fine', 'two\nlines'] }, ['/paragraphs/1 has a line break; it must be one line']],
    [{ paragraphs: ['x'.repeat(2_001)] }, ['/paragraphs/0 has 2001 characters; at most 2000']],
    [
      { paragraphs: ['x'.repeat(1_000), 'x'.repeat(1_001)] },
      ['/paragraphs have 2001 characters together; at most 2000'],
    ],
    [{ quote: { text: 'We are open.' } }, ['/quote/by is missing: it must be a text']],
    [{ image: { ...image, src: 'x' } }, ['/image/src is not a known field']],
  ])('%j is refused with its place and what to do', (more, faults) => {
    expect(taken(more)).toEqual(faults);
  });

  test('paragraphs have 2,000 characters together as readers count them', () => {
    const family = '👨‍👩‍👧';
    expect(taken({ paragraphs: [family.repeat(200), 'x'.repeat(1_800)] })).toMatchObject({ headline: line.headline });
  });
});
