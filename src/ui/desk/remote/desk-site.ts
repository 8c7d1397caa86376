import type { Site, Words } from '../../../item/site.ts';
import { isRecord } from '../../../protocol/item-parse.ts';

/** The part of the site's configuration that the desk page needs; the server writes it into the page. */
export interface DeskSite extends Pick<Site, 'editions' | 'sections' | 'regions' | 'topics' | 'sources'> {
  readonly name: Words;
}

/** Parses it. It comes from our own server in the same answer as the page, so only its outline is checked. */
export function readDeskSite(text: string): DeskSite {
  const value: unknown = JSON.parse(text);
  if (!isDeskSite(value)) throw new TypeError('the page carries no site');
  return value;
}

function isDeskSite(value: unknown): value is DeskSite {
  return (
    isRecord(value) &&
    'name' in value &&
    Array.isArray(value['editions']) &&
    Array.isArray(value['sections']) &&
    Array.isArray(value['regions']) &&
    Array.isArray(value['topics']) &&
    Array.isArray(value['sources'])
  );
}
