import { isRecord } from '../../../protocol/item-parse.ts';

/** What this browser remembers of one edition. The desk works without it, so a failure to store it is silent. */
export interface Memory {
  /** The facets of the last line. */
  readonly defaults: Filed;
  /** Agencies, most often used first. */
  readonly attributions: readonly string[];
  remember(line: Filed & { readonly attribution?: string | undefined }): void;
}

/** The facets of a line. */
export interface Filed {
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
}

const mostAttributions = 50;

export function openMemory(storage: Pick<Storage, 'getItem' | 'setItem'> | null, edition: string): Memory {
  const key = `flashwire-desk-memory-${edition}`;
  const stored = read(storage, key);
  const counts = new Map(
    Object.entries(isRecord(stored['attributions']) ? stored['attributions'] : {}).flatMap(([name, count]) =>
      typeof count === 'number' ? [[name, count]] : [],
    ),
  );
  let defaults: Filed = {
    sections: texts(stored['sections']),
    regions: texts(stored['regions']),
    topics: texts(stored['topics']),
  };
  return {
    get defaults() {
      return defaults;
    },
    get attributions() {
      return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name);
    },
    remember({ attribution, sections, regions, topics }) {
      defaults = { sections, regions, topics };
      if (attribution !== undefined) counts.set(attribution, (counts.get(attribution) ?? 0) + 1);
      const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, mostAttributions);
      write(storage, key, { ...defaults, attributions: Object.fromEntries(most) });
    },
  };
}

export function read(storage: Pick<Storage, 'getItem'> | null, key: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage?.getItem(key) ?? '{}');
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

export function write(storage: Pick<Storage, 'setItem'> | null, key: string, value: unknown): void {
  try {
    storage?.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the value lasts as long as the page.
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}
