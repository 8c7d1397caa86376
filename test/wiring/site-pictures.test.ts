import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pairOn } from '../../src/item/contrast.ts';
import type { SiteIdentity } from '../../src/item/site.ts';
import { discPng } from '../../src/ui/server/site/raster-icon.ts';
import { readPictures } from '../../src/wiring/site-pictures.ts';
import { site } from '../resources/site.ts';

const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'site-pictures-'));
  await writeFile(at('logo.svg'), svg);
  await writeFile(at('dark.png'), discPng(1, pairOn('#ffffff')));
  await writeFile(at('half.png'), discPng(9, pairOn('#ffffff')).subarray(0, 40));
  await writeFile(at('notes.svg'), 'a note');
  await writeFile(at('huge.svg'), svg + ' '.repeat(1_000_000));
});

afterAll(() => rm(folder, { recursive: true }));

function read(identity: Partial<SiteIdentity>) {
  const leftOut: string[] = [];
  const own = { ...site, site: { ...site.site, ...identity } };
  return { ...readPictures(own, at('site.json'), (why) => leftOut.push(why)), leftOut };
}

describe('the pictures of a site', () => {
  test('the pictures of a site are served from files beside the configuration, each under the name of its place and with a version', () => {
    const { site, pictures, leftOut } = read({
      logo: { light: 'logo.svg', dark: './dark.png' },
      publisher: { name: 'The Post', logo: 'logo.svg' },
      icon: 'https://cdn.example/icon.png',
      image: '/img/share.png',
    });
    expect([...pictures].map(([path, { type }]) => [path, type])).toEqual([
      ['/site/publisher-logo.svg', 'image/svg+xml'],
      ['/site/logo-light.svg', 'image/svg+xml'],
      ['/site/logo-dark.png', 'image/png'],
    ]);
    expect(site.site.logo?.light).toMatch(/^\/site\/logo-light\.svg\?v=[0-9a-f]{8}$/);
    expect(site.site.logo?.dark).toMatch(/^\/site\/logo-dark\.png\?v=[0-9a-f]{8}$/);
    expect(site.site.publisher).toMatchObject({
      name: 'The Post',
      logo: expect.stringMatching(/^\/site\/publisher-logo/),
    });
    expect([site.site.icon, site.site.image, leftOut]).toEqual(['https://cdn.example/icon.png', '/img/share.png', []]);
  });

  test.each([
    ['no.svg', 'no.svg does not exist;'],
    ['notes.svg', 'notes.svg is not a picture of a kind that browsers show;'],
    ['huge.svg', 'huge.svg has 1,000,041 bytes, at most 1,000,000 are allowed;'],
    ['half.png', 'half.png is not a picture of a kind that browsers show;'],
    ['.', '. is not a file;'],
  ])('stop the start if the logo is missing to readers: %s', (light, why) => {
    const fix = 'name an SVG, PNG, WebP or JPEG file relative to that of the configuration, or an https address';
    expect(() => read({ logo: { light } })).toThrow(`${at('site.json')}: site.logo.light: ${why} ${fix}`);
    expect(() => read({ logo: { light: 'logo.svg', dark: light } })).toThrow('site.logo.dark: ');
  });

  test('a picture that is named by its full path on this computer stops the start', () => {
    expect(() => read({ logo: { light: at('logo.svg') } })).toThrow(
      `site.logo.light: ${at('logo.svg')} is a file of this computer, but a name that starts with / is a path on this host;`,
    );
  });

  test('the pictures of a site are left out otherwise, and the log says which and why', () => {
    const { site, pictures, leftOut } = read({ icon: 'no.png', image: 'notes.svg', publisher: { logo: 'no.svg' } });
    expect(site.site).toMatchObject({ publisher: {} });
    expect([site.site.icon, site.site.image, site.site.publisher?.logo, pictures.size]).toEqual([
      ...[undefined, undefined, undefined, 0],
    ]);
    expect(leftOut.map((line) => /(?<=site\.json: ).*?(?=;)/.exec(line)?.[0])).toEqual([
      'site.icon: no.png does not exist',
      'site.image: notes.svg is not a picture of a kind that browsers show',
      'site.publisher.logo: no.svg does not exist',
    ]);
  });
});
