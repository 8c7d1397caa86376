import { editionOfName } from '../redis/redis-keys.ts';
import { type ChainRecord, type ChainSource, digestOf, type Ends, recordOf, sorted } from '../trail/chain-source.ts';
import { type ArchivePart, readArchive } from './archive.ts';

/** The data of one edition that a walk needs. */
class Kept {
  readonly hashes = new Map<string, Record<string, string>>();
  /** SHA-256 by `<item id> <version>`. */
  readonly texts = new Map<string, string>();
  readonly shown = new Map<string, number>();
  readonly streams = { log: [] as ChainRecord[], audit: [] as ChainRecord[] };

  take(name: string, part: ArchivePart): void {
    const itemId = name.startsWith('text:') ? name.slice('text:'.length) : null;
    if (part.type === 'hash' && itemId !== null)
      for (const [version, text] of part.fields) this.texts.set(`${itemId} ${version}`, digestOf(text) ?? '');
    else if (part.type === 'hash' && (name === 'meta' || name.startsWith('item:')))
      this.hashes.set(name, { ...this.hashes.get(name), ...Object.fromEntries(part.fields) });
    else if (part.type === 'zset' && name === 'shown')
      for (const [id, place] of part.members) this.shown.set(id, Number(place));
    else if (part.type === 'stream' && (name === 'log' || name === 'audit'))
      for (const [id, flat] of part.entries) this.streams[name].push(recordOf(id, flat));
  }
}

/** The chains of an exported site, by edition, the trails of the site last. Rejects with an ArchiveError if the file is not a whole export. */
export async function archiveSources(file: string): Promise<ReadonlyMap<string, ChainSource>> {
  const editions = new Map<string, Kept>();
  for await (const part of readArchive(file)) {
    if (part.type === 'flashwire-export') continue;
    const place = editionOfName(part.key);
    if (place === null) continue;
    const kept = editions.get(place.edition) ?? new Kept();
    editions.set(place.edition, kept);
    kept.take(place.rest, part);
  }
  const walked = [...editions].filter(([, { hashes, streams }]) => hashes.has('meta') || streams.log.length > 0);
  const byEdition = new Map(walked);
  return new Map(sorted(byEdition.keys()).map((edition) => [edition, sourceOf(byEdition.get(edition) ?? new Kept())]));
}

function sourceOf({ hashes, texts, shown, streams }: Kept): ChainSource {
  return {
    head: async () => ({ meta: hashes.get('meta') ?? {}, entries: ends(streams.log), events: ends(streams.audit) }),
    records: async function* (trail, after, last) {
      const from = streams[trail].findIndex(({ id }) => id === after) + 1;
      const to = last === null ? undefined : streams[trail].findIndex(({ id }) => id === last) + 1;
      yield* streams[trail].slice(from, to);
    },
    textDigest: async (itemId, version) => texts.get(`${itemId} ${version}`) ?? null,
    item: async (itemId) => {
      const record = hashes.get(`item:${itemId}`);
      return record ? { record, shownAt: shown.get(itemId) ?? null } : null;
    },
  };
}

function ends(records: readonly ChainRecord[]): Ends {
  return { oldest: records[0]?.id ?? null, newest: records.at(-1)?.id ?? null };
}
