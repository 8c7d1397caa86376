import { existsSync, readFileSync } from 'node:fs';
import type { Site } from '../item/site.ts';
import { parseSite } from '../item/site-schema.ts';
import { ConfigError } from '../ops/config.ts';
import { parseJsonFile } from './json-file.ts';

const packagedSite = new URL('../../../flashwire.config.json', import.meta.url);

/** The version of this program, from package.json. */
export function readVersion(): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  return version;
}

/** The configuration of the site; the packaged example if the default file does not exist. Throws a ConfigError for an unreadable file. */
export function readSite(path: string): Site {
  const file = path === 'flashwire.config.json' && !existsSync(path) ? packagedSite : path;
  try {
    return parseSite(parseJsonFile(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new ConfigError(`FLASHWIRE_CONFIG: ${path}: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}
