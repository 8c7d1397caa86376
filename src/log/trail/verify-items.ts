import type { ChainSource, StoredItem } from './chain-source.ts';
import { Broken } from './trails.ts';

interface LoggedItem {
  readonly name: string;
  readonly seq: number;
  readonly fields: ReadonlyMap<string, string>;
  /** Its status according to the log; null if the entry that decides was trimmed. */
  readonly status: string | null;
  readonly texts: readonly { readonly name: string; readonly version: string; readonly digest: string }[];
}

interface Fault {
  readonly itemId: string;
  readonly seq: number;
  readonly message: string;
}

const checkAtOnce = 200;

/** Every item according to the log, to compare with the records and texts that readers are served. */
export class ItemsOfLog {
  readonly #items = new Map<string, LoggedItem>();

  /** Call it in the order of the log. */
  add(name: string, seq: number, fields: ReadonlyMap<string, string>): void {
    const id = fields.get('i') ?? '';
    const earlier = this.#items.get(id);
    const text = { name, version: fields.get('v') ?? '', digest: fields.get('d') ?? '' };
    const isShown = (fields.get('n') ?? '') !== '';
    const texts = [...(earlier?.texts ?? []), ...(isShown && text.digest !== '' ? [text] : [])];
    this.#items.set(id, { name, seq, fields, status: statusAfter(earlier?.status ?? null, fields), texts });
  }

  /** Throws Broken for the first item that does not fit. Items with an entry after `newest` are left out. */
  async check(source: ChainSource, newest: string | null): Promise<{ readonly texts: number; readonly gone: number }> {
    const faults: Fault[] = [];
    const counts = { texts: 0, gone: 0 };
    const all = [...this.#items];
    for (let from = 0; from < all.length; from += checkAtOnce) {
      const batch = all.slice(from, from + checkAtOnce);
      const found = await Promise.all(batch.map(([id, logged]) => this.#checkItem(source, id, logged, counts)));
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
    logged: LoggedItem,
    counts: { texts: number; gone: number },
  ): Promise<Fault | null> {
    const state = await source.item(itemId);
    if (!state) counts.gone++;
    for (const { name, version, digest } of logged.texts) {
      const found = await source.textDigest(itemId, version);
      const seq = Number(/\d+/.exec(name)?.[0]);
      if (found !== null) counts.texts++;
      if (found !== null && logged.status === 'retracted')
        return { itemId, seq, message: `the text of ${name} is there, and the item was retracted` };
      if (found !== null && found !== digest)
        return { itemId, seq, message: `the text of ${name} is not the one that was published` };
      if (found === null && state && logged.status !== 'retracted' && logged.status !== null)
        return { itemId, seq, message: `the text of ${name} is missing` };
    }
    const wrong = state && differenceOf(logged, state);
    return wrong
      ? { itemId, seq: logged.seq, message: `the record of item ${itemId} is not as ${logged.name} left it: ${wrong}` }
      : null;
  }
}

/** The status after an entry, as append.lua sets it. */
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

/** The name of the first field that differs; null if none does. */
function differenceOf({ fields, status }: LoggedItem, { record, shownAt }: StoredItem): string | null {
  const field = (name: string) => fields.get(name) ?? '';
  const isShown = field('n') !== '';
  const isListed = isShown || field('m') !== '';
  const right: Readonly<Record<string, string | undefined>> = {
    version: field('v'),
    place: field('p'),
    publishedAt: field('a'),
    updatedAt: field('t'),
    shown: isListed ? '1' : '0',
    ...(status !== null && { status }),
    ...(isShown && { facets: field('n'), textOut: field('v') }),
    ...(field('m') !== '' && { notice: field('m') }),
  };
  const wrong = Object.entries(right).find(([name, value]) => record[name] !== value);
  if (wrong) return wrong[0];
  return (shownAt ?? '') === (isListed ? Number(field('p')) : '') ? null : 'its place among what is shown';
}
