import type { ChainSource, StoredItem } from './chain-source.ts';
import { Broken } from './trails.ts';

interface Said {
  readonly name: string;
  readonly seq: number;
  readonly fields: ReadonlyMap<string, string>;
  /** As the log says; null where what said it has been trimmed. */
  readonly status: string | null;
  readonly texts: readonly { readonly name: string; readonly version: string; readonly digest: string }[];
}

interface Fault {
  readonly itemId: string;
  readonly seq: number;
  readonly message: string;
}

const checkAtOnce = 200;

/** What the log says of every item, to be compared with the records and texts that readers are given. */
export class ItemsOfLog {
  readonly #items = new Map<string, Said>();

  /** In the order of the log. */
  add(name: string, seq: number, fields: ReadonlyMap<string, string>): void {
    const id = fields.get('i') ?? '';
    const known = this.#items.get(id);
    const text = { name, version: fields.get('v') ?? '', digest: fields.get('d') ?? '' };
    const isShown = (fields.get('n') ?? '') !== '';
    const texts = [...(known?.texts ?? []), ...(isShown && text.digest !== '' ? [text] : [])];
    this.#items.set(id, { name, seq, fields, status: statusAfter(known?.status ?? null, fields), texts });
  }

  /** Throws Broken for the first that does not fit. What changed behind `newest` meanwhile is left out. */
  async check(source: ChainSource, newest: string | null): Promise<{ readonly texts: number; readonly gone: number }> {
    const faults: Fault[] = [];
    const counts = { texts: 0, gone: 0 };
    const all = [...this.#items];
    for (let from = 0; from < all.length; from += checkAtOnce) {
      const batch = all.slice(from, from + checkAtOnce);
      const found = await Promise.all(batch.map(([id, said]) => this.#checkItem(source, id, said, counts)));
      faults.push(...found.filter((fault) => fault !== null));
    }
    if (faults.length === 0) return counts;
    const later = new Set<string>();
    for await (const { fields } of source.records('log', newest, null)) later.add(fields.get('i') ?? '');
    const [first] = faults.filter(({ itemId }) => !later.has(itemId)).sort((a, b) => a.seq - b.seq);
    if (first) throw new Broken(first.message);
    return counts;
  }

  async #checkItem(
    source: ChainSource,
    itemId: string,
    said: Said,
    counts: { texts: number; gone: number },
  ): Promise<Fault | null> {
    const state = await source.item(itemId);
    if (!state) counts.gone++;
    for (const { name, version, digest } of said.texts) {
      const found = await source.textDigest(itemId, version);
      const seq = Number(/\d+/.exec(name)?.[0]);
      if (found !== null) counts.texts++;
      if (found !== null && said.status === 'retracted')
        return { itemId, seq, message: `the text of ${name} is there, and the item was retracted` };
      if (found !== null && found !== digest)
        return { itemId, seq, message: `the text of ${name} is not the one that was published` };
      if (found === null && state && said.status !== 'retracted' && said.status !== null)
        return { itemId, seq, message: `the text of ${name} is missing` };
    }
    const wrong = state && differenceOf(said, state);
    return wrong
      ? { itemId, seq: said.seq, message: `the record of item ${itemId} is not as ${said.name} left it: ${wrong}` }
      : null;
  }
}

/** As append.lua sets it. */
function statusAfter(before: string | null, fields: ReadonlyMap<string, string>): string | null {
  if ((fields.get('n') ?? '') !== '') return 'usable';
  switch (fields.get('r')) {
    case 'retracted':
      return 'retracted';
    case 'expired': // an item, or the notice of a retracted one
      return before === null || before === 'retracted' ? before : 'expired';
    default:
      return 'withheld';
  }
}

/** The name of the first field that differs; null where none does. */
function differenceOf({ fields, status }: Said, { record, shownAt }: StoredItem): string | null {
  const said = (name: string) => fields.get(name) ?? '';
  const isShown = said('n') !== '';
  const isListed = isShown || said('m') !== '';
  const right: Readonly<Record<string, string | undefined>> = {
    version: said('v'),
    place: said('p'),
    publishedAt: said('a'),
    updatedAt: said('t'),
    shown: isListed ? '1' : '0',
    ...(status !== null && { status }),
    ...(isShown && { facets: said('n'), textOut: said('v') }),
    ...(said('m') !== '' && { notice: said('m') }),
  };
  const wrong = Object.entries(right).find(([name, value]) => record[name] !== value);
  if (wrong) return wrong[0];
  return (shownAt ?? '') === (isListed ? Number(said('p')) : '') ? null : 'its place among what is shown';
}
