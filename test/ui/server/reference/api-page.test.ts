import { expect, test } from 'vitest';
import { openApiOf } from '../../../../src/api/openapi/openapi.ts';
import { operationsOf } from '../../../../src/api/openapi/operations.ts';
import { descriptionOf, requestsOf, type Schema } from '../../../../src/ui/server/reference/api-description.ts';
import { apiPage } from '../../../../src/ui/server/reference/api-page.ts';
import { exampleOf } from '../../../../src/ui/server/reference/request-examples.ts';
import { typeOf } from '../../../../src/ui/server/reference/typescript.ts';
import { site } from '../../../resources/site.ts';

/** The description with one more field in the body of `publish`. */
function withField(name: string, field: Schema) {
  const api = structuredClone(descriptionOf(openApiOf(site, '0.0.0')));
  const body = api.paths['/v1/items']?.['post']?.requestBody?.content['application/json']?.schema;
  Object.assign(body?.properties ?? {}, { [name]: field });
  const publish = requestsOf(api).find(({ operationId }) => operationId === 'publish');
  if (!publish) throw new Error('there is no request that publishes');
  return { page: apiPage(site, api), ...exampleOf(publish) };
}

test('the API page leads to every request, with an example of each in curl and TypeScript', () => {
  const page = apiPage(site, openApiOf(site, '0.0.0'));
  for (const { id, method, path } of operationsOf(site)) {
    expect(page.split(`<a href="#${id}">`).length, id).toBeGreaterThan(2);
    const [, section = ''] = page.split(`<article id="${id}">`);
    const address = path.replace(/:(\w+)/g, '$$$1').replaceAll(/\$\w+/g, (name) => name.toUpperCase());
    expect(section, id).toMatch(
      /<pre class="curl"><code>curl .*<\/pre>\n<pre class="typescript"><code>const response/s,
    );
    expect(section.split('</pre>')[0]?.replaceAll('&quot;', '"'), id).toContain(`"$SITE${address}`);
    expect(section.split('</pre>')[0]?.includes(' -X '), id).toBe(method !== 'get');
  }
  expect(page).toContain('<meta name="robots" content="noindex">');
  expect(page).not.toMatch(/undefined|\[object|<script/);
});

test('a field that a schema gains is on the API page, and in its examples as soon as it has an example', () => {
  const links: Schema = {
    type: 'array',
    maxItems: 5,
    items: { type: 'object', properties: { text: { type: 'string' } } },
  };
  const bare = withField('links', links);
  expect(bare.page).toContain(
    '<dt><code>links</code> <code class="type">{\n  text?: string;\n}[]</code> <span class="marks">at most 5</span></dt>',
  );
  expect(bare.curl).not.toContain('links');
  const told = withField('links', { ...links, examples: [[{ text: 'The appeal' }]] });
  expect(told.curl).toContain('"links": [{ "text": "The appeal" }]');
  expect(told.typescript).toContain(`links: [{ text: 'The appeal' }],`);
});

test('an example survives quotes in its texts', () => {
  const { curl, typescript, page } = withField('quote', { examples: [`It's "over" \\ $HOME`] });
  expect(curl).toContain(`"quote": "It'\\''s \\"over\\" \\\\ $HOME"`);
  expect(typescript).toContain(`quote: 'It\\'s "over" \\\\ $HOME',`);
  expect(page).toContain(`quote: 'It\\'s &quot;over&quot; \\\\ $HOME',`);
});

test('a schema is a type of TypeScript, whatever it is made of', () => {
  expect(typeOf({ type: ['string', 'null'] })).toBe('string | null');
  expect(typeOf({ type: 'array', items: { enum: ['a', 1, null] } })).toBe(`('a' | 1 | null)[]`);
  expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Key' } })).toBe('Key[]');
  expect(typeOf({ type: 'object', additionalProperties: { type: 'integer' } })).toBe('Record<string, number>');
  expect(typeOf({ anyOf: [{ const: true }, { type: 'object', properties: { 'a-b': {} } }] })).toBe(
    `true | {\n  'a-b'?: unknown;\n}`,
  );
});
