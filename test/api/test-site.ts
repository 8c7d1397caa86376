import { readFileSync } from 'node:fs';
import { parseSite } from '../../src/item/site-schema.ts';

export const testSite = parseSite(JSON.parse(readFileSync('flashwire.config.json', 'utf8')));
