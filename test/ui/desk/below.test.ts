import { expect, test } from 'vitest';
import { belowOf, moreOf, nothingBelow } from '../../../src/ui/desk/below/below-fields.ts';
import { composerFieldsOf, fieldsOf, keptFieldsOf } from '../../../src/ui/desk/composer/composer-fields.ts';
import { FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const more = {
  paragraphs: ['It was closed for two years.', 'Buses follow on Monday.'],
  links: [{ text: 'The plan', url: 'https://news.example/plan' }],
  image: { url: 'https://news.example/bridge.jpg', alt: 'The bridge', credit: 'AFP', width: 1_200, height: 800 },
  quote: { text: 'We are open.', by: 'The mayor' },
};
const edition = { id: 'en', timeZone: 'UTC' };

test('the boxes give back every part of an item that is below its line', () => {
  expect(moreOf(belowOf(more))).toEqual(more);
  expect(moreOf(belowOf({}))).toEqual({});
  expect(moreOf({ ...nothingBelow, links: '  https://news.example/a \n\n' })).toEqual({
    links: [{ text: 'https://news.example/a', url: 'https://news.example/a' }],
  });
});

test('a picture without its address is sent, so that the API says what is missing', () => {
  const image = { url: '', alt: 'The bridge', width: 0, height: 0 };
  expect(moreOf({ ...nothingBelow, alt: ' The bridge ' })).toEqual({ image });
  expect(moreOf({ ...nothingBelow, credit: 'AFP' })).toEqual({ image: { ...image, alt: '', credit: 'AFP' } });
});

test('a correction and a line that was not sent keep what is below the line', () => {
  const facets = { sections: [], regions: [], topics: [], urgency: 'urgent' } as const;
  const body = { edition: 'en', language: 'en', dir: 'ltr', headline: 'The bridge opens', ...facets, ...more } as const;
  const values = composerFieldsOf({ body }, edition);
  expect(fieldsOf(values, edition, [])).toMatchObject(more);
  expect(keptFieldsOf(JSON.parse(JSON.stringify(values)))).toEqual(values);
  const withoutLine = { ...values, line: '' };
  expect(keptFieldsOf(withoutLine)).toEqual(withoutLine);
});

test('the desk asks for a picture once its address is typed, and takes its size from it', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  const asked: string[] = [];
  await page.route('https://pictures.example/**', (route) => {
    asked.push(route.request().url());
    return route.fulfill({
      contentType: 'image/svg+xml',
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>',
    });
  });
  await page.locator('.composer .below summary').click();
  await page.locator('.composer [name=image]').pressSequentially('https://pictures.example/a.svg');
  expect(asked).toEqual([]);
  await page.locator('.composer [name=alt]').focus();
  await poll(() => page.locator('.composer [name=width]').inputValue()).toBe('640');
  expect(asked).toEqual(['https://pictures.example/a.svg']);
  await page.locator('.composer [name=width]').fill('1280');
  expect(await page.locator('.composer [name=width]').inputValue()).toBe('1280');
});

test('the desk sends what is below the line, with line breaks typed by Enter, and a reload keeps it', async () => {
  await using open = await pages.open(new FakeDesk());
  const { page } = open;
  await page.keyboard.type('The bridge opens');
  await page.locator('.composer .below summary').click();
  await page.locator('.composer [name=paragraphs]').focus();
  await page.keyboard.type(more.paragraphs[0] ?? '');
  await page.keyboard.press('Enter');
  await page.keyboard.type(more.paragraphs[1] ?? '');
  await page.locator('.composer [name=quote]').fill(more.quote.text);
  await page.locator('.composer [name=quoteBy]').fill(more.quote.by);
  await page.locator('.composer [name=links]').fill('The plan https://news.example/plan');
  expect(open.sent()).toEqual([]);
  await page.reload();
  await poll(() => page.locator('.composer [name=paragraphs]').inputValue()).toBe(more.paragraphs.join('\n'));
  await page.locator('.composer textarea').first().press('Control+Enter');
  await poll(open.sent).toHaveLength(1);
  expect(JSON.parse(open.sent()[0]?.replace(/^[^{]*/, '') ?? '')).toMatchObject({
    paragraphs: more.paragraphs,
    quote: more.quote,
    links: more.links,
  });
  expect(await page.locator('.composer .below').getAttribute('open')).toBeNull();
  expect(open.faults).toEqual([]);
});
