import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/ops/config.ts';
import { addStrings, languageOf, stringsOf } from '../../src/ui/strings/strings.ts';
import { addSiteStrings } from '../../src/wiring/site-strings.ts';
import { runFlashwire } from '../resources/flashwire.ts';
import { site, siteEdition } from '../resources/site.ts';

// The languages are those of the process, which other files of tests share.
afterEach(addStrings([]));

/** Adds these files to a site with an edition of this language. */
async function added(files: Readonly<Record<string, unknown>>, language = 'en') {
  const folder = await mkdtemp(join(tmpdir(), 'site-strings-'));
  await mkdir(join(folder, 'strings'));
  for (const [name, value] of Object.entries(files))
    await writeFile(join(folder, 'strings', name), typeof value === 'string' ? value : JSON.stringify(value));
  try {
    addSiteStrings({ ...site, editions: [siteEdition('one', { language })] }, join(folder, 'site.json'));
    return '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.replaceAll(folder, '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function translation(language: string): Promise<object> {
  return { ...JSON.parse(await readFile('src/ui/strings/en.json', 'utf8')), language };
}

describe('the strings of a site', () => {
  test('are those that ship and those of the files, a language before its varieties', async () => {
    const files = {
      'nl-BE.json': { ticker: { title: 'Nieuwst' } },
      'nl.json': await translation('nl'),
      'fr.json': { ticker: { title: 'Alerte' } },
      'strings.schema.json': {},
      'README.txt': 'Ours',
    };
    expect(await added(files, 'nl-NL')).toBe('');
    expect(languageOf('pages', 'nl-NL')).toBe('nl');
    expect(stringsOf('ticker', 'nl-BE')).toMatchObject({ title: 'Nieuwst', hide: 'Hide' });
    expect(stringsOf('ticker', 'fr-CA')).toMatchObject({ title: 'Alerte', hide: 'Masquer' });
  });

  test.each([
    [
      { 'de.json': '{\n"language"' },
      /^\/strings\/de\.json: line 2, column 11: .*; .*en\.json has every text in English$/,
    ],
    [
      { 'de.json': { language: 'de', dir: 'ltr' } },
      /^\/strings\/de\.json: ticker: is missing: it must be an object.*; /,
    ],
    [{ 'pt_BR.json': {} }, /^\/strings\/pt_BR\.json: must be named after a language tag, such as pt-BR\.json$/],
    [
      {},
      /^FLASHWIRE_CONFIG: \/site\.json: edition one: there are no texts in its language, sw-KE; translate a copy of .*en\.json as \/strings\/sw\.json$/,
    ],
  ])('stop the start with one line: %j', async (files, line) => {
    expect(await added(files, 'sw-KE')).toMatch(line);
    expect(await added(files, 'sw-KE')).not.toContain('\n');
  });

  test('stop every role', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'site-strings-'));
    const file = join(folder, 'site.json');
    const edition = { id: 'sw', name: 'Kiswahili', language: 'sw', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
    await writeFile(file, JSON.stringify({ editions: [edition] }));
    const { code, err } = await runFlashwire(['api'], { FLASHWIRE_CONFIG: file });
    await rm(folder, { recursive: true });
    expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1]);
    expect(err).toContain('edition sw: there are no texts in its language, sw; ');
  });
});
