import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Site } from '../item/site.ts';
import { ConfigError } from '../ops/config.ts';
import { addStrings, knownStrings, type LanguageStrings } from '../ui/strings/strings.ts';
import { parseStrings } from '../ui/strings/strings-schema.ts';
import { parseJsonFile } from './json-file.ts';

const english = fileURLToPath(new URL('../ui/strings/en.json', import.meta.url));

/**
 * Adds the languages of the operator: `strings/<language>.json` beside the configuration `file`. Throws a ConfigError for a
 * file with a fault, and for an edition whose language has no strings.
 */
export function addSiteStrings(site: Site, file: string): void {
  const folder = join(dirname(file), 'strings');
  const tags = (existsSync(folder) ? readdirSync(folder) : [])
    .flatMap((name) => /^(.*(?<!\.schema))\.json$/.exec(name)?.[1] ?? [])
    .sort();
  // A language comes before its varieties, which take from it what they leave out.
  for (const tag of tags) addStrings([readStrings(join(folder, `${tag}.json`), tag)]);
  const [edition] = site.editions.filter(({ language }) => !knownStrings(language));
  if (!edition) return;
  const own = join(folder, `${new Intl.Locale(edition.language).language}.json`);
  throw new ConfigError(
    `FLASHWIRE_CONFIG: ${file}: edition ${edition.id}: there are no texts in its language, ${edition.language}; translate a copy of ${english} as ${own}`,
  );
}

function readStrings(path: string, tag: string): LanguageStrings {
  if (!isTag(tag)) throw new ConfigError(`${path}: must be named after a language tag, such as pt-BR.json`);
  try {
    return parseStrings(parseJsonFile(readFileSync(path, 'utf8')), tag);
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : 'unreadable';
    throw new ConfigError(`${path}: ${why}; ${english} has every text in English`);
  }
}

/** Only in its canonical form: two files of one language would be a matter of their order. */
function isTag(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name)[0] === name;
  } catch {
    return false;
  }
}
