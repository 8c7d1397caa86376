import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ar, arEmbed, arPages } from '../../src/ui/strings/ar.ts';
import { en, enEmbed, enPages } from '../../src/ui/strings/en.ts';
import { es, esEmbed, esPages } from '../../src/ui/strings/es.ts';

/** `path` of every string in a file of strings, with the string. */
function flat(strings: object, path = ''): [string, string][] {
  return Object.entries(strings).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[path + name, value]] : flat(value, `${path}${name}.`),
  );
}

const all = {
  en: { ...en, pages: enPages, embed: enEmbed },
  ar: { ...ar, pages: arPages, embed: arEmbed },
  es: { ...es, pages: esPages, embed: esEmbed },
};
/** Words that are the same in another language. */
const shared = new Set(['language', 'dir', 'urgency.flash']);

/** For editors and programmers: not what readers see. */
const desk = ['desk-page.ts', 'api-page.ts'];

describe('the strings of the interface', () => {
  test.each(['ar', 'es'] as const)('are all there in %s, with the same places to fill in', (language) => {
    const english = flat(all.en);
    const other = new Map(flat(all[language]));
    expect([...other.keys()]).toEqual(english.map(([name]) => name));
    const places = (text: string | undefined) => text?.match(/\{\w+\}/g) ?? [];
    for (const [name, text] of english) {
      expect(other.get(name)?.trim(), name).not.toBe('');
      expect(places(other.get(name)), name).toEqual(places(text));
      if (!shared.has(name)) expect(other.get(name), name).not.toBe(text);
    }
    if (language === 'ar')
      for (const [name, text] of other)
        if (!['language', 'dir'].includes(name)) expect(text, name).toMatch(/\p{Script=Arabic}/u);
  });

  test('are nowhere else: no component and no page of the server says words of its own', async () => {
    const said: string[] = [];
    for (const folder of ['ticker', 'news', 'pages', 'embed', 'server']) {
      const dir = new URL(`../../src/ui/${folder}/`, import.meta.url);
      for (const name of await readdir(dir)) {
        if (!/\.tsx?$/.test(name) || desk.includes(name)) continue;
        const code = (await readFile(new URL(name, dir), 'utf8')).replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, '');
        const between = code.matchAll(/(?<![=-])>([^<>{}`$;=()]*\p{L}{2,}[^<>{}`$;=()]*)<\/?[a-z]/gu);
        const attributes = code.matchAll(/(?:aria-label|title|placeholder|alt)="([^"{$]*\p{L}[^"{$]*)"/gu);
        for (const match of [...between, ...attributes]) said.push(`${name}: ${match[1]?.trim()}`);
      }
    }
    const names = ['Flashwire', 'RSS', 'Atom', 'JSON Feed', 'debug'];
    expect(said.filter((line) => !names.includes(line.split(': ')[1] ?? ''))).toEqual([]);
  });
});
