import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { desk, type Running, startFlashwire } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { useBrowser, visit } from '../ui/browser.ts';

interface Texts {
  readonly [name: string]: string | Texts;
}

const browser = useBrowser();
const site = {
  site: { name: 'Diário' },
  editions: [{ id: 'br', name: 'Português', language: 'pt-BR', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' }],
};

/** Every text with a mark in front, and the plural categories of Portuguese. */
function translated(texts: Texts): Texts {
  const entries = Object.entries(texts).map(([name, value]): [string, string | Texts] => [
    name,
    typeof value === 'string' ? `pt:${value}` : translated(value),
  ]);
  const all = Object.fromEntries(entries);
  return all['other'] === undefined ? all : { ...all, many: all['other'] };
}

let folder = '';
let running: Running | undefined;
let url = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fifth-language-'));
  await mkdir(join(folder, 'strings'));
  const english: Texts = JSON.parse(await readFile('src/ui/strings/en.json', 'utf8'));
  const portuguese = { ...translated(english), language: 'pt', dir: 'ltr' };
  await writeFile(join(folder, 'strings/pt.json'), JSON.stringify(portuguese));
  await writeFile(join(folder, 'site.json'), JSON.stringify(site));
  const env = {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_CONFIG: join(folder, 'site.json'),
  };
  running = await startFlashwire('all', env);
  url = running.url;
});

afterAll(async () => {
  await running?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const textAt = async (path: string) => (await fetch(url + path)).text();
const post = async (headline: string): Promise<string> => {
  const item = { edition: 'br', headline, urgency: 'flash' };
  const { status, body } = await desk(url, 'POST', '/v1/items', item, { prefer: 'wait=5' });
  expect(status).toBe(201);
  return String(body['id']);
};

test('a site speaks a fifth language by its configuration and a file of strings alone', async () => {
  const id = await post('O porto reabre');
  expect(await textAt('/live/br')).toContain('pt:Updates');
  expect((await textAt('/site.json')).match(/pt:No breaking news/g)).toHaveLength(1);
  expect(await textAt('/feeds/br.rss')).toContain('<language>pt-BR</language>');
  expect(await textAt('/desk.strings.pt.json')).toContain('pt:Sign in');
  expect(await textAt('/desk')).toContain('pt:The desk needs JavaScript');

  await using visited = await visit(browser(), `${url}/live/br`, { locale: 'pt-PT' });
  const { page } = visited;
  const poll = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 15_000 });
  await poll(() => page.locator('.state').first().textContent()).toBe('pt:Live');
  const second = await post('A ponte fecha');
  await poll(() => page.locator('.updates .urgency').allTextContents()).toEqual(['pt:Flash', 'pt:Flash']);
  await page.goto(`${url}/item/${second}`);
  await poll(() => page.locator('breaking-ticker h2').textContent()).toBe('pt:Breaking');

  await desk(url, 'POST', `/v1/items/${id}/retract`, { reason: 'A mistake' }, { prefer: 'wait=5' });
  await poll(() => textAt(`/item/${id}`)).toContain('pt:A report published at ');
  await poll(() => textAt('/feeds/br.rss')).toContain('pt:A report published at ');

  await page.goto(`${url}/desk`);
  await poll(() => page.locator('form button').first().textContent()).toBe('pt:Sign in');
  const languages = page.locator('[name=language] option');
  await poll(() => languages.allTextContents()).toEqual(['English', 'العربية', 'español', 'français', 'português']);
  expect(visited.faults.filter((fault) => !/401/.test(fault))).toEqual([]);
});
