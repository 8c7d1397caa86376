import type { DeskItem, DeskLog, DeskVersion } from '../log/commands/desk-log.ts';
import { parseDeskBody } from '../log/entries/reply.ts';
import type { AuditEvent } from '../log/trail/audit.ts';

type ItemReader = Pick<DeskLog, 'item' | 'versions'>;

interface DeskRecord {
  readonly item: DeskItem;
  readonly versions: readonly DeskVersion[];
}

/**
 * What the desk has of the items of these events now, each item read once. The audit trail itself never has a text. After a purge
 * there is none here either.
 */
export async function readItemsOf(log: ItemReader, events: readonly AuditEvent[]) {
  const records = new Map<string, DeskRecord>();
  const named = new Map(
    events.flatMap(({ edition, itemId }) => (edition && itemId ? [[itemId, edition] as const] : [])),
  );
  await Promise.all(
    [...named].map(async ([id, edition]) => {
      const [item, versions] = await Promise.all([log.item(edition, id), log.versions(edition, id)]);
      if (item) records.set(id, { item, versions });
    }),
  );
  /** The item's state now, and its line as it stood after the event. */
  return ({ itemId = '', version }: AuditEvent) => {
    const record = records.get(itemId);
    if (!record) return undefined;
    const { state, publishedVersion } = record.item;
    return { state, publishedVersion, body: lineAt(record.versions, version ?? Number.POSITIVE_INFINITY) };
  };
}

/** Of the newest version up to this one that has a text. */
function lineAt(versions: readonly DeskVersion[], version: number) {
  const text = versions.filter((one) => one.version <= version && one.body !== '').at(-1)?.body;
  if (text === undefined) return null;
  const { language, dir, attribution, headline } = parseDeskBody(text);
  return { language, dir, ...(attribution !== undefined && { attribution }), headline };
}
