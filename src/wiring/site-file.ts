import { existsSync, readFileSync } from 'node:fs';
import type { Site } from '../item/site.ts';
import { parseSite } from '../item/site-schema.ts';
import { ConfigError } from '../ops/config.ts';

const packagedSite = new URL('../../../flashwire.config.json', import.meta.url);

/** Of this Flashwire, as its package says. */
export function readVersion(): string {
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  return version;
}

/** The site's own file; without one at the default place, the packaged example site. Throws a ConfigError for one that cannot be read. */
export function readSite(path: string): Site {
  const file = path === 'flashwire.config.json' && !existsSync(path) ? packagedSite : path;
  try {
    return parseSite(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new ConfigError(`FLASHWIRE_CONFIG: ${path}: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
}
