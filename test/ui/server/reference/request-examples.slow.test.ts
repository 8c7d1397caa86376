import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { describe, expect, inject, test } from 'vitest';
import { openApiOf } from '../../../../src/api/openapi/openapi.ts';
import { type ApiRequest, descriptionOf, requestsOf } from '../../../../src/ui/server/reference/api-description.ts';
import { exampleOf, variablesOf } from '../../../../src/ui/server/reference/request-examples.ts';
import { typeOf } from '../../../../src/ui/server/reference/typescript.ts';
import { type RunningApi, startApi } from '../../../api/start-api.ts';
import { desk, testKey } from '../../../resources/flashwire.ts';
import { site } from '../../../resources/site.ts';

const run = promisify(execFile);
const api = descriptionOf(openApiOf(site, '0.0.0'));
const requests = requestsOf(api);

type Variables = Readonly<Record<string, string>>;

async function published(url: string, more: object = {}): Promise<Variables> {
  const item = { edition: 'en', headline: 'Ferry runs aground off the southern coast', ...more };
  const { body } = await desk(url, 'POST', '/v1/items', item, { Prefer: 'wait=5' });
  return { id: String(body['id']) };
}

async function hidden(url: string): Promise<Variables> {
  const item = await published(url);
  await desk(url, 'POST', `/v1/items/${item['id']}/withhold`, {}, { Prefer: 'wait=5' });
  return item;
}

const draft = (url: string) => published(url, { state: 'draft' });

/** What an example needs to be there, and the names that stand in its address. */
const before: Readonly<Record<string, (url: string) => Promise<Variables>>> = {
  readItem: published,
  correct: published,
  cancel: draft,
  readDelivery: published,
  publishDraft: draft,
  hide: published,
  release: hidden,
  retract: published,
  readCommand: async (url) => {
    const { body } = await desk(url, 'POST', '/v1/items', { edition: 'en', headline: 'A line' });
    const [, edition = '', id = ''] = /commands\/(.+)\/(.+)$/.exec(String(body['statusUrl'])) ?? [];
    return { edition, id };
  },
  revokeKey: async (url) => {
    const { body } = await desk(url, 'POST', '/v1/keys', { name: 'Night desk', role: 'editor' });
    return { id: String(body['keyId']) };
  },
  endSession: async (url) => {
    await desk(url, 'POST', '/v1/session', { key: testKey }, { 'Sec-Fetch-Site': 'same-origin' });
    const { body } = await desk(url, 'GET', '/v1/sessions');
    return { id: String((body['sessions'] as { id: string }[])[0]?.id) };
  },
};

const written = (text: string) => text.replaceAll('fw_...', testKey);
const statusOf = (request: ApiRequest) => Object.keys(request.responses).filter((status) => status.startsWith('2'));
const isStream = ({ operationId }: ApiRequest) => operationId === 'streamDesk';

async function runCurl(request: ApiRequest, { url }: RunningApi, variables: Variables): Promise<string> {
  const env: Record<string, string> = { SITE: url, KEY: testKey, REQUEST: crypto.randomUUID() };
  for (const [name, value] of Object.entries(variables)) env[name.toUpperCase()] = value;
  const asked = isStream(request) ? '--max-time 1' : '';
  const command = `${written(exampleOf(request).curl)} -sS -o /dev/null -w '%{http_code}' ${asked}`;
  const { stdout } = await run('bash', ['-c', command], { env: { ...process.env, ...env } }).catch((error) => error);
  return stdout;
}

async function runTypescript(request: ApiRequest, { url }: RunningApi, variables: Variables): Promise<void> {
  const { code } = await transform(`async function example() {\n${exampleOf(request).typescript}\n}`, { loader: 'ts' });
  const names = ['site', 'key', 'fetch', 'console', ...Object.keys(variables)];
  // The stream has no end of its own.
  const once: typeof fetch = async (...asked) => {
    const response = await fetch(...asked);
    if (!isStream(request)) return response;
    await response.body?.cancel();
    return new Response('event: beat\n\n', response);
  };
  const example = new Function(...names, `${written(code)}; return example();`);
  await example(url, testKey, once, { log: () => {} }, ...Object.values(variables));
}

describe('the examples of the API page', () => {
  test.each(requests.map((request) => [request.operationId, request] as const))(
    'the examples of %s run as they stand, from a shell and in TypeScript',
    async (id, request) => {
      await using running = await startApi(inject('redisUrl'));
      const prepare = async () => {
        const variables = (await before[id]?.(running.url)) ?? {};
        expect(Object.keys(variables).sort()).toEqual(expect.arrayContaining([...variablesOf(request)].sort()));
        return variables;
      };
      expect(statusOf(request)).toContain(await runCurl(request, running, await prepare()));
      await runTypescript(request, running, await prepare());
    },
  );

  test('the examples in TypeScript have the types of the answers', async () => {
    const folder = join(inject('runFolder'), 'examples');
    await mkdir(folder, { recursive: true });
    const types = Object.entries(api.components.schemas).map(([name, schema]) => `interface ${name} ${typeOf(schema)}`);
    const given = ['site', 'key', ...new Set(requests.flatMap(variablesOf))].map(
      (name) => `declare const ${name}: string;`,
    );
    const examples = requests.map(
      (request) => `export async function ${request.operationId}() {\n${exampleOf(request).typescript}\n}`,
    );
    await writeFile(join(folder, 'examples.ts'), [...types, ...given, ...examples].join('\n'));
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', 'esnext', '--lib'];
    const libraries = 'es2022,dom,dom.iterable,dom.asynciterable';
    const tsc = 'node_modules/typescript/lib/tsc.js';
    const { stdout } = await run(process.execPath, [
      tsc,
      ...options,
      libraries,
      '--types',
      '',
      '--ignoreConfig',
      join(folder, 'examples.ts'),
    ]).catch((error) => error);
    expect(stdout).toBe('');
    await rm(folder, { recursive: true });
  });
});
