import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { desk, type Running, runFlashwire, startFlashwire } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';

const edition = (id: string, name: string, dir: string) => ({
  ...{ id, name, language: id, dir, timeZone: 'UTC', numerals: 'latn' },
});
const config = {
  site: {
    name: { fr: 'Le Courrier du Levant', ar: 'بريد المشرق', en: 'The Levant Post' },
    tagline: { fr: 'De Beyrouth à Casablanca', ar: 'من بيروت إلى الدار البيضاء', en: 'From Beirut to Casablanca' },
    logo: { light: 'brand/logo.svg', dark: 'brand/dark.svg' },
    image: 'share.svg',
    colors: { brand: '#0b5394', flash: '#ffd400' },
    publisher: { logo: 'no-such.png', name: { fr: 'Levant SA', ar: 'شركة المشرق', en: 'Levant SA' } },
    links: [{ label: { fr: 'Contact', ar: 'اتصل بنا', en: 'Contact' }, url: '/contact' }],
    social: ['https://social.example/@levant'],
  },
  editions: [edition('fr', 'Français', 'ltr'), edition('ar', 'العربية', 'rtl')],
  sections: [{ id: 'politics', labels: { fr: 'Politique', ar: 'سياسة', en: 'Politics' } }],
  regions: [{ id: 'mena', labels: { fr: 'Levant', ar: 'المشرق', en: 'MENA' } }],
};

let folder = '';
let running: Running | undefined;
let url = '';
const ids: Record<string, string> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-name-'));
  await mkdir(join(folder, 'brand'));
  for (const name of ['brand/logo.svg', 'brand/dark.svg', 'share.svg'])
    await writeFile(join(folder, name), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 1"/>');
  await writeFile(join(folder, 'site.json'), JSON.stringify(config));
  const env = {
    REDIS_URL: inject('redisUrl'),
    FLASHWIRE_REDIS_PREFIX: ownPrefix(),
    FLASHWIRE_CONFIG: join(folder, 'site.json'),
    FLASHWIRE_PUBLIC_URL: 'https://levant.example',
  };
  running = await startFlashwire('all', env);
  url = running.url;
  for (const id of ['fr', 'ar']) {
    const item = {
      edition: id,
      headline: id === 'fr' ? 'Le port rouvre' : 'الميناء يفتح من جديد',
      urgency: 'flash',
      sections: ['politics'],
    };
    const { status, body } = await desk(url, 'POST', '/v1/items', item, { prefer: 'wait=5' });
    expect(status).toBe(201);
    ids[id] = String(body['id']);
  }
});

afterAll(async () => {
  await running?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const pages = (id: string) => [
  ...[`/?edition=${id}`, `/live/${id}`, `/live/${id}?before=1`, `/section/${id}/politics`, `/region/${id}/mena`],
  ...[`/item/${ids[id]}`, `/embed?edition=${id}`, `/topic/${id}/nothing`],
];
const feeds = (id: string) => ['rss', 'atom', 'json'].map((format) => `/feeds/${id}.${format}`);
const ofReaders = () => [
  '/',
  '/live/xx',
  '/nope',
  '/site/nope.svg',
  '/article/iftitah-jisr-velda',
  ...pages('fr'),
  ...pages('ar'),
];
const others = () => [
  ...['/manifest.webmanifest', '/manifest.webmanifest?edition=ar', '/robots.txt', '/sitemap.xml', '/favicon.ico'],
  ...['/apple-touch-icon.png', '/oembed?url=https%3A%2F%2Flevant.example%2Flive%2Far', '/oembed', '/examples/lake.svg'],
  ...['/site/logo-light.svg', '/site/logo-dark.svg', '/site/image.svg', '/embed/fr', '/embed/ar', '/strings/ar.json'],
  ...[...feeds('fr'), ...feeds('ar'), '/feeds/xx.rss'],
  ...['/desk', '/desk/fr', '/desk/xx', '/desk/api', '/desk.preview', '/v1/openapi.json', '/v1/session', '/v1/items'],
  ...['/site.json', '/favicon.svg', '/pages.css', '/desk.css', '/v1/nope', '/.well-known/security.txt'],
];

/** What may bear the word: names that programs read, and the generator of a feed. */
const allowed = [/urn:flashwire:/g, /--flashwire-[\w-]*/g, /flashwire:\w*/g, /<generator>Flashwire<\/generator>/g];

async function textAt(path: string): Promise<string> {
  const response = await fetch(url + path);
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return `${headers}\n${await response.text()}`;
}

describe('a site with a name of its own', () => {
  test('a site with a name of its own never shows another name, whatever is requested', async () => {
    for (const path of [...ofReaders(), ...others()]) {
      const text = allowed.reduce((rest, pattern) => rest.replaceAll(pattern, ''), await textAt(path));
      const found = /.{0,60}flashwire.{0,40}/i.exec(text)?.[0] ?? '';
      expect(found, path).toBe('');
      expect(/Demonstration|démonstration|تجريبية/.exec(text)?.[0] ?? '', path).toBe('');
    }
  });

  test('a site with a name of its own has it in the title, the masthead and the tags of every page, in the language of the page', async () => {
    for (const path of ofReaders()) {
      const name =
        /^ar/.test(path.split(/[/=]/)[2] ?? '') || path.includes(ids['ar'] ?? '')
          ? config.site.name.ar
          : config.site.name.fr;
      const text = await textAt(path);
      expect(/<title>(.*?)<\/title>/.exec(text)?.[1], path).toContain(name);
      expect(/<header class="masthead has-logo">.*?<\/header>/s.exec(text)?.[0], path).toContain(name);
      if (!text.includes('content="noindex"'))
        expect(text, path).toContain(`<meta property="og:site_name" content="${name}">`);
      expect(/<footer.*?<\/footer>/s.exec(text)?.[0], path).toContain('<a href="/contact">');
    }
    expect(await textAt('/')).toContain('<h1 class="unseen">Le Courrier du Levant · De Beyrouth à Casablanca</h1>');
  });

  test('a site with a name of its own has no article of the demonstration', async () => {
    for (const path of ['/', '/?edition=ar', '/sitemap.xml', '/feeds/ar.rss'])
      expect(await textAt(path), path).not.toMatch(/velda|class="story|class="example"/i);
    for (const path of ['/article/iftitah-jisr-velda', '/article/velda-bridge-reopens', '/examples/lake.svg'])
      expect((await fetch(url + path)).status, path).toBe(404);
    expect(await textAt('/?edition=ar')).toContain('الميناء يفتح من جديد');
  });

  test('a site with a name of its own shows its logo and its share picture, and is whole without a picture that readers would not miss', async () => {
    const text = await textAt('/live/ar');
    expect(/<header class="masthead has-logo">.*?<picture>(.*?)<\/picture>/s.exec(text)?.[1]).toMatch(
      /^<source srcset="\/site\/logo-dark\.svg\?v=\w+" media="\(prefers-color-scheme: dark\)"><img class="logo" src="\/site\/logo-light\.svg\?v=\w+" alt="بريد المشرق">$/,
    );
    expect(text).toMatch(/<meta property="og:image" content="https:\/\/levant\.example\/site\/image\.svg\?v=\w+">/);
    for (const path of ['/site/logo-light.svg', '/site/logo-dark.svg?v=1', '/site/image.svg']) {
      const { status, headers } = await fetch(url + path);
      expect([status, headers.get('content-type')], path).toEqual([200, 'image/svg+xml']);
      expect(headers.get('content-security-policy'), path).toContain('sandbox');
    }
    const other = { ...config, site: { ...config.site, logo: { light: 'no-such.svg' } } };
    await writeFile(join(folder, 'other.json'), JSON.stringify(other));
    const { code, err } = await runFlashwire(['fanout'], { FLASHWIRE_CONFIG: join(folder, 'other.json') });
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain(
      'other.json: site.logo.light: no-such.svg does not exist; name an SVG, PNG, WebP or JPEG file',
    );
  });

  test('a site with a name of its own has it in its feeds, in what search engines read, and at the desk', async () => {
    expect(await textAt('/feeds/ar.atom')).toContain('<author><name>بريد المشرق</name></author>');
    expect(await textAt('/feeds/fr.rss')).toContain('<title>Le Courrier du Levant · ');
    expect(JSON.parse((await textAt('/feeds/fr.json')).split('\n').at(-1) ?? '')).toMatchObject({
      title: expect.stringContaining('Le Courrier du Levant'),
      authors: [{ name: 'Le Courrier du Levant' }],
    });
    const jsonLd = JSON.parse(/id="json-ld">(.*?)<\/script>/.exec(await textAt('/live/fr'))?.[1] ?? '');
    expect(jsonLd.publisher).toEqual({
      ...{ '@type': 'NewsMediaOrganization', name: 'Levant SA', sameAs: ['https://social.example/@levant'] },
    });
    expect(jsonLd.liveBlogUpdate[0].author).toEqual({ '@type': 'Organization', name: 'Levant SA' });
    expect(await textAt('/desk')).toContain('<title>Desk · The Levant Post</title>');
    expect(await textAt('/favicon.svg')).toContain('<title>Le Courrier du Levant</title>');
  });
});
