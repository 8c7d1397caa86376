import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { openApiOf } from '../../src/api/openapi/openapi.ts';
import { auditActions } from '../../src/log/trail/audit.ts';
import { createDeskPage } from '../../src/ui/server/desk-page.ts';
import { createPages } from '../../src/ui/server/pages.ts';
import { fill, fillCounted } from '../../src/ui/strings/message.ts';
import { type Group, languageTags, noticeIn, stringsOf } from '../../src/ui/strings/strings.ts';
import { FakeFeed } from '../client/fake-feed.ts';
import { site } from '../resources/site.ts';
import { noNews } from './no-news.ts';
import { publicFiles } from './public-files.ts';

type Texts = { readonly [name: string]: string | Texts };
const folder = 'src/ui/strings';
const languages = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''));
const textsOf = (language: string): Texts => JSON.parse(readFileSync(join(folder, `${language}.json`), 'utf8'));
const categoriesOf = (language: string) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;

/** A message that agrees with a number. */
const isCounted = (value: string | Texts): value is Texts => typeof value === 'object' && 'other' in value;

/** Every message by its path; one that agrees with a number is a list of its texts. */
function messagesOf(texts: Texts, path = ''): [path: string, message: string | Texts][] {
  return Object.entries(texts).flatMap(([name, value]): [string, string | Texts][] =>
    typeof value === 'string' || isCounted(value) ? [[path + name, value]] : messagesOf(value, `${path}${name}.`),
  );
}

const placesIn = (text: string) => text.match(/\{\w+\}/g) ?? [];
const english = textsOf('en');
/** Texts that are the same in another language. */
const shared: Readonly<Record<string, readonly string[]>> = {
  es: ['language', 'dir', 'ticker.urgency.flash', 'desk.box.urgencies.flash', 'desk.roles.editor'],
  fr: [
    'ticker.urgency.flash',
    'ticker.urgency.urgent',
    'ticker.pause',
    'pages.source',
    'embed.options',
    'desk.title',
    'desk.roles.reporter',
    'desk.box.urgencies.flash',
    'desk.box.urgencies.urgent',
    'desk.box.article',
    'desk.stop.kinds.correct',
    'desk.audit.title',
  ],
};

describe.each(languages)('the strings of %s', (language) => {
  const messages = messagesOf(textsOf(language));

  test('the strings are in the file of their language', () => {
    const { language: name, dir } = textsOf(language);
    expect(name).toBe(language);
    expect(['ltr', 'rtl']).toContain(dir);
  });

  test('each group of strings has the messages of English, with the same placeholders', () => {
    for (const group of Object.keys(textsOf(language))) {
      const of = (all: Texts) => new Map(messagesOf({ [group]: all[group] ?? '' }));
      const [theirs, ours] = [of(textsOf(language)), of(english)];
      expect([...theirs.keys()], group).toEqual([...ours.keys()]);
      for (const [path, message] of ours) {
        const other = theirs.get(path) ?? '';
        expect(typeof other, path).toBe(typeof message);
        if (typeof message !== 'string' || typeof other !== 'string') continue;
        expect(placesIn(other).sort(), path).toEqual(placesIn(message).sort());
        expect(other.trim(), path).not.toBe('');
      }
    }
  });

  test('the strings have one text for each plural category, and no placeholder that English does not have', () => {
    for (const [path, message] of messages) {
      if (typeof message === 'string') continue;
      expect(Object.keys(message).sort(), path).toEqual([...categoriesOf(language)].sort());
      const counted = messagesOf(english).find(([name]) => name === path)?.[1];
      const places = placesIn(Object.values(counted ?? {}).join());
      for (const text of Object.values(message))
        for (const place of placesIn(String(text))) expect(places).toContain(place);
    }
  });
});

test.each(['ar', 'es', 'fr'])('the strings of %s are translated', (language) => {
  const ours = new Map(messagesOf(english));
  for (const [path, message] of messagesOf(textsOf(language))) {
    if (
      language === 'ar' &&
      !['language', 'dir'].includes(path) &&
      path !== 'desk.held.goesOut' &&
      !path.startsWith('desk.keyNames.')
    )
      for (const text of typeof message === 'string' ? [message] : Object.values(message))
        expect(text, path).toMatch(/\p{Script=Arabic}/u);
    if (
      language !== 'ar' &&
      /\p{L}{4}/u.test(String(message).replace(/\{\w+\}/g, '')) &&
      !shared[language]?.includes(path)
    )
      expect(message, path).not.toEqual(ours.get(path));
  }
});

test('a language is found by its tag, and English stands in for one that has no file or no such group', () => {
  expect(stringsOf('ticker', 'ar-EG')).toMatchObject({ language: 'ar', dir: 'rtl', play: 'متابعة' });
  for (const tag of ['tlh', '', 'constructor']) expect(stringsOf('pages', tag)).toMatchObject({ language: 'en' });
  expect(languageTags()[0]).toBe('en');
  expect(languageTags()).toEqual(expect.arrayContaining(languages));
});

test('French has its spaces that do not break, its quotation marks and its apostrophes', () => {
  for (const [path, message] of messagesOf(textsOf('fr')))
    for (const text of typeof message === 'string' ? [message] : Object.values(message).map(String)) {
      const sentence = text.replaceAll(/::part\(\)|https:|flashwire post/g, '');
      if (path !== 'desk.list.lettersOn') expect(sentence, path).not.toMatch(/[^\u202f][;!?]|[^\u00a0]:/u);
      expect(sentence, path).not.toMatch(/'|"|“|”|«[^\u00a0]|[^\u00a0]»/u);
    }
});

test('a language without a notice has none, rather than the notice of another one', () => {
  expect(noticeIn('fr-CA')).toContain('retirée');
  expect(noticeIn('de')).toBeUndefined();
});

test.each([
  ['en', 1, '1 process has not reported'],
  ['en', 2, '2 processes have not reported'],
  ['es', 1_000_000, '1.000.000 de procesos no han informado'],
  ['ar', 1, 'عملية واحدة لم تبلّغ'],
  ['ar', 2, 'عمليتان لم تبلّغا'],
  ['ar', 3, '3 عمليات لم تبلّغ'],
  ['ar', 11, '11 عملية لم تبلّغ'],
])('a message in %s agrees with %i', (language, count, text) => {
  expect(fillCounted(stringsOf('desk', language).reach.silent, language, count)).toBe(text);
});

test.each(languageTags())('the audit view has a sentence in %s for each action that the server records', (language) => {
  const { unnamed, ...sentences } = stringsOf('desk', language).audit.sentences;
  expect(Object.keys(sentences).sort()).toEqual([...auditActions].sort());
});

test('the scripts record no other action', () => {
  const scripts = readdirSync('src/log', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lua'));
  const recorded = scripts.flatMap((name) =>
    [...readFileSync(join('src/log', name), 'utf8').matchAll(/'action', '([^']+)'/g)].map(([, action]) => action),
  );
  expect(recorded.sort()).toEqual(['epoch', 'purge']);
  expect(auditActions).toEqual(expect.arrayContaining(recorded));
});

test('a value replaces its placeholder unchanged, and a placeholder without a value stays', () => {
  expect(fill('{name}: {line} {gone}', { name: 'A $& B', line: '{name}' })).toBe('A $& B: {name} {gone}');
});

const marks: Readonly<Record<Group, string>> = {
  ticker: stringsOf('ticker', 'en').empty,
  pages: stringsOf('pages', 'en').liveSummary,
  embed: stringsOf('embed', 'en').summary,
  samples: stringsOf('samples', 'en').flash,
  desk: stringsOf('desk', 'en').rehearsal,
  notices: stringsOf('notices', 'en').withdrawn,
};

test('a script contains English where it cannot ask for it, and its page has the other texts that it reads', async () => {
  const { groups } = await import(new URL('../../scripts/build-browser.mjs', import.meta.url).href);
  const dir = await publicFiles();
  const news = {
    ...noNews,
    snapshot: () => ({ items: [], more: false, position: 'abcd1234:10', withdrawn: [], changed: { at: 0, before: 0 } }),
  };
  const pages = createPages({ publicDir: dir, site, news, onError: () => {} });
  const desk = createDeskPage({ publicDir: dir, site, api: openApiOf(site, '0.0.0') });
  await using server = await FakeFeed.start((request, response) => {
    if (!pages.handleRequest(request, response) && !desk.handleRequest(request, response))
      response.writeHead(404).end();
  });
  const given = async (path: string): Promise<readonly Record<string, unknown>[]> => {
    const text = await (await fetch(server.url + path)).text();
    return JSON.parse(/id="strings">(.*?)<\/script>/.exec(text)?.[1] ?? '[]');
  };
  expect((await given('/?edition=ar'))[0]).toMatchObject({
    language: 'ar',
    dir: 'rtl',
    pages: { latest: stringsOf('pages', 'ar').latest },
  });
  const entries = {
    ticker: ['ticker/define.ts', '/site.json'],
    pages: ['pages/pages.tsx', '/'],
    embed: ['embed/embed.tsx', '/embed'],
    desk: ['desk/page/desk.tsx', '/desk'],
    'desk.preview': ['desk/preview/preview-page.tsx', '/desk.preview'],
  } as const;
  for (const [name, [entry, path]] of Object.entries(entries)) {
    const script = await readFile(join(dir, `${name}.js`), 'utf8');
    for (const [group, mark] of Object.entries(marks))
      expect(script.includes(mark), `${group} in ${name}.js`).toBe(groups[name]?.includes(group) ?? false);
    const all = [...(groups[name] ?? []), ...(await given(path)).flatMap((one) => Object.keys(one))];
    const texts = new Set(all.filter((group) => group in marks));
    expect([...texts].sort(), name).toEqual(await groupsReadBy(entry));
  }
});

/** The groups that the code of a script asks for. */
async function groupsReadBy(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [`src/ui/${entry}`],
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'dist',
    loader: { '.css': 'text' },
    jsx: 'automatic',
    jsxImportSource: 'preact',
    format: 'esm',
  });
  const code = Object.keys(metafile.inputs)
    .filter((path) => path.startsWith('src/ui/') && !path.endsWith('.json') && !path.includes('/strings/'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const read = [...code.matchAll(/(?:stringsOf|languageOf)\('(\w+)'/g)].map(([, group]) => group ?? '');
  if (/\ben\.ticker\b/.test(code)) read.push('ticker');
  if (/\bnoticeIn\b/.test(code)) read.push('notices');
  return [...new Set(read)].sort();
}

/** For editors and programmers: not what readers see. */
const desk = ['desk-page.ts'];

test('no component and no page of the server has a hard-coded text', async () => {
  const texts: string[] = [];
  for (const room of ['ticker', 'news', 'pages', 'embed', 'server']) {
    const dir = new URL(`../../src/ui/${room}/`, import.meta.url);
    for (const name of await readdir(dir)) {
      if (!/\.tsx?$/.test(name) || desk.includes(name)) continue;
      const code = (await readFile(new URL(name, dir), 'utf8')).replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, '');
      const between = code.matchAll(/(?<![=-])>([^<>{}`$;=()]*\p{L}{2,}[^<>{}`$;=()]*)<\/?[a-z]/gu);
      const attributes = code.matchAll(/(?:aria-label|title|placeholder|alt)="([^"{$]*\p{L}[^"{$]*)"/gu);
      for (const match of [...between, ...attributes]) texts.push(`${name}: ${match[1]?.trim()}`);
    }
  }
  const names = ['RSS', 'Atom', 'JSON Feed', 'debug'];
  expect(texts.filter((line) => !names.includes(line.split(': ')[1] ?? ''))).toEqual([]);
});
