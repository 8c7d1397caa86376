import { expect, test } from 'vitest';
import { servePages } from '../../resources/served-pages.ts';
import { visit } from '../browser.ts';
import { useBuiltPages } from '../built-pages.ts';

const built = useBuiltPages();

/** What the console of a page with this tag says about the ticker, when it has said `count` things. */
async function complaints(tag: string, count: number) {
  await using served = await servePages(built.publicDir, undefined, tag);
  await using visited = await visit(built.browser, 'about:blank');
  const { page } = visited;
  const said: string[] = [];
  page.on('console', (message) => {
    if (/^(flashwire:|<breaking-ticker>:)/.test(message.text())) said.push(`${message.type()}: ${message.text()}`);
  });
  await page.goto(`${served.url}/host`);
  await expect.poll(() => said.length).toBe(count);
  return { said, isLinkVisible: await page.locator('breaking-ticker > a').isVisible() };
}

const tag = (attributes: string) =>
  `<breaking-ticker ${attributes}><a href="/live/en">Breaking news, live</a></breaking-ticker>`;

test.each([
  ['an edition that is not there', 'edition="xx"', 'flashwire: edition: "xx" is not one of en, ar, es.'],
  ['a mistyped section', 'edition="en" section="politcs"', 'flashwire: section: "politcs" is not one of'],
])(
  '%s is named in the console with the sentence of the server, and the link stays',
  async (_name, attributes, sentence) => {
    const { said, isLinkVisible } = await complaints(tag(attributes), 1);
    expect(said[0]).toContain(sentence);
    expect(isLinkVisible).toBe(true);
  },
);

test.each([['a theme', 'theme="pink"', 'theme="pink" is not one of auto, light, dark']])(
  '%s that is not there is named in the console, and the ticker shows its lines',
  async (_name, attributes, sentence) => {
    const { said } = await complaints(tag(`edition="en" ${attributes}`), 1);
    expect(said[0]).toBe(`error: <breaking-ticker>: ${sentence}`);
  },
);

test('a page whose policy does not let the ticker connect reads once what the policy needs, and keeps the link', async () => {
  await using served = await servePages(built.publicDir);
  await using other = await servePages(built.publicDir, undefined, tag(`edition="en" src="${served.url}"`));
  await using visited = await visit(built.browser, 'about:blank');
  const { page } = visited;
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.text().startsWith('<breaking-ticker>')) said.push(message.text());
  });
  await page.goto(`${other.url}/host`);
  await expect
    .poll(() => said)
    .toEqual([
      `<breaking-ticker>: the page's Content-Security-Policy needs connect-src ${served.url} ${served.url.replace('http', 'ws')}`,
    ]);
  expect(await page.locator('breaking-ticker > a').isVisible()).toBe(true);
});
