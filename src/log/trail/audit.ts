import { itemActions } from '../../item/lifecycle.ts';
import { editionKeys, signInTrail, siteTrail, trails } from '../redis/redis-keys.ts';
import { Script } from '../redis/script.ts';
import type { RedisConnection } from '../redis/shards.ts';
import { type AuditEvent, newestFirst } from './newest-first.ts';

export type { AuditEvent } from './newest-first.ts';

/** What is recorded: acts on items, the log and the sources, and what `note` writes. A trail may have actions of a later version. */
export const auditActions = [
  'publish',
  ...itemActions,
  'purge',
  'epoch',
  'sources',
  'create-key',
  'revoke-key',
  'end-session',
  'sign-in',
  'stop',
  'let-go',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** An event to record. */
export type Noted = Omit<AuditEvent, 'at' | 'action'> & { readonly action: AuditAction };

export interface AuditPage {
  /** Newest first. */
  readonly events: readonly AuditEvent[];
  /** The `before` of the next page, ms. Events of that ms are on this page. */
  readonly next?: number;
}

/** The audit trail. accept.lua writes the events of items; `note` writes all others. */
export interface Audit {
  /** Never rejects, because the act is done already. A lost event is an error for the operator (`onLost`). */
  note(event: Noted): Promise<void>;
  page(query: AuditQuery): Promise<AuditPage>;
}

/** Events of these editions and, with `withSite`, of keys, sign-ins and the STOP switch. Times are ms. */
export interface AuditQuery {
  readonly editions: readonly string[];
  readonly withSite: boolean;
  readonly limit: number;
  /** Only events earlier than this, and not earlier than `from`. */
  readonly before?: number;
  readonly from?: number;
  /** Only events of this item. */
  readonly itemId?: string;
  /** Only events of a person whose name has this part, in any case, or of the key with this id. */
  readonly person?: string;
}

/** Events that one page may look at. With filters a page can be short, or empty, and still have a `next`. */
const mostScanned = 5_000;
const filteredAtOnce = 500;

const noteScript = new Script(new URL('./note.lua', import.meta.url), { keys: ['meta', 'audit'], args: ['base'] });

interface AuditDeps {
  readonly redis: RedisConnection;
  readonly prefix: string;
  onLost(error: unknown, event: Noted): void;
}

export function createAudit({ redis, prefix, onLost }: AuditDeps): Audit {
  const site = editionKeys(prefix, siteTrail);
  const signIns = editionKeys(prefix, signInTrail);
  return {
    note: async (event) => {
      const fields = Object.entries(event).flatMap(([name, value]) =>
        value === undefined ? [] : [name, String(value)],
      );
      const { meta, audit, base } = event.action === 'sign-in' ? signIns : site;
      await noteScript
        .run(redis, { keys: { meta, audit }, args: { base }, rest: fields })
        .catch((error: unknown) => onLost(error, event));
    },
    page: async (query) => {
      const { editions, withSite, limit, itemId, person, ...bounds } = query;
      const keys = [
        ...editions.map((edition) => editionKeys(prefix, edition).audit),
        ...(withSite ? trails.map((trail) => editionKeys(prefix, trail).audit) : []),
      ];
      const isFiltered = itemId !== undefined || person !== undefined;
      const events: AuditEvent[] = [];
      let [scanned, last] = [0, 0];
      for await (const event of newestFirst(redis, keys, {
        ...bounds,
        atOnce: isFiltered ? filteredAtOnce : limit + 1,
      })) {
        const isFull = events.length >= limit || scanned >= mostScanned;
        // Events of one ms are never split between two pages.
        if (isFull && event.at < last) return { events, next: last };
        if (isWanted(query, event)) events.push(event);
        scanned += 1;
        last = event.at;
      }
      return { events };
    },
  };
}

function isWanted({ itemId, person }: AuditQuery, event: AuditEvent): boolean {
  if (itemId !== undefined && event.itemId !== itemId) return false;
  return person === undefined || event.keyId === person || event.name.toLowerCase().includes(person.toLowerCase());
}
