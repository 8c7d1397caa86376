import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, inject, test } from 'vitest';
import { createApi } from '../../../src/api/api.ts';
import { openApiOf } from '../../../src/api/openapi/openapi.ts';
import { operationsOf } from '../../../src/api/openapi/operations.ts';
import { desk } from '../../resources/flashwire.ts';
import { site, siteEdition } from '../../resources/site.ts';
import { startApi } from '../start-api.ts';

describe('the OpenAPI description', () => {
  test('the OpenAPI document is valid 3.1 and served without a key', async () => {
    await using api = await startApi(inject('redisUrl'), { workers: false });
    const response = await fetch(`${api.url}/v1/openapi.json`);
    const document = await response.json();
    expect(document.info.version).toBe('0.0.0');
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  });

  test('the OpenAPI document has every route of the API and no other', () => {
    const app = createApi({ site } as unknown as Parameters<typeof createApi>[0]);
    const routes = app.router.stack.flatMap(({ route }) =>
      route ? route.stack.map(({ method }) => `${method} ${route.path}`) : [],
    );
    const described = operationsOf(site).map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(described)].sort()).toEqual([...new Set(routes)].sort());
    expect(described).toHaveLength(new Set(described).size);
  });

  test('the schemas of bodies refuse the same faults as the API', async () => {
    const paths = openApiOf(site, '1.0.0')['paths'] as Record<string, Record<string, { requestBody: unknown }>>;
    const body = JSON.stringify(paths['/v1/items']?.['post']?.requestBody);
    expect(body).toContain('"additionalProperties":false');
    for (const { id } of site.sections) expect(body).toContain(`"${id}"`);
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
    const vip = siteEdition('vip-desk', { name: 'The ministers', access: 'key' });
    const text = JSON.stringify(openApiOf({ ...site, editions: [...site.editions, vip] }, '1.0.0'));
    expect(text).not.toMatch(/vip-desk|ministers/);
    expect(text).toContain('"enum":["en","ar","es"]');
    const document = JSON.parse(JSON.stringify(openApiOf({ ...site, editions: [vip] }, '1.0.0')));
    expect(await new Validator().validate(document)).toMatchObject({ valid: true });
  });
});
