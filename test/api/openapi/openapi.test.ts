import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, inject, test } from 'vitest';
import { createApi } from '../../../src/api/api.ts';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { operationsOf } from '../../../src/api/openapi/operations.ts';
import type { SiteEdition } from '../../../src/item/site.ts';
import { desk } from '../../resources/flashwire.ts';
import { startApi } from '../start-api.ts';
import { testSite } from '../test-site.ts';

describe('the OpenAPI description', () => {
  test('the OpenAPI document is valid 3.1 and served without a key', async () => {
    await using api = await startApi(inject('redisUrl'), { workers: false });
    const response = await fetch(`${api.url}/v1/openapi.json`);
    const document = await response.json();
    expect(document.info.version).toBe('0.0.0');
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  });

  test('the OpenAPI document has every route of the API and no other', () => {
    const app = createApi({ site: testSite } as unknown as Parameters<typeof createApi>[0]);
    const routes = app.router.stack.flatMap(({ route }) =>
      route ? route.stack.map(({ method }) => `${method} ${route.path}`) : [],
    );
    const described = operationsOf(testSite).map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(described)].sort()).toEqual([...new Set(routes)].sort());
    expect(described).toHaveLength(new Set(described).size);
  });

  test('the schemas of bodies refuse the same faults as the API', async () => {
    const paths = openApiOf(testSite, '1.0.0')['paths'] as Record<string, Record<string, { requestBody: unknown }>>;
    const body = JSON.stringify(paths['/v1/items']?.['post']?.requestBody);
    expect(body).toContain('"additionalProperties":false');
    for (const { id } of testSite.sections.filter(({ retired }) => !retired)) expect(body).toContain(`"${id}"`);
    await using api = await startApi(inject('redisUrl'), { workers: false });
    const bad = await desk(api.url, 'POST', '/v1/items', {
      edition: 'xx',
      headline: 'x',
      sections: ['cooking'],
      colour: 1,
    });
    expect(bad.status).toBe(422);
  });

  test('the OpenAPI document names no edition that needs a key, and is valid if all do', async () => {
    const vip: SiteEdition = {
      ...{ id: 'vip-desk', name: 'The ministers', language: 'en', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' },
      access: 'key',
    };
    const text = JSON.stringify(openApiOf({ ...testSite, editions: [...testSite.editions, vip] }, '1.0.0'));
    expect(text).not.toMatch(/vip-desk|ministers/);
    expect(text).toContain('"enum":["en","ar","es"]');
    const document = JSON.parse(JSON.stringify(openApiOf({ ...testSite, editions: [vip] }, '1.0.0')));
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  });
});
