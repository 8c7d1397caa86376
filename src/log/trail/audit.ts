import type { Redis } from 'ioredis';
import { z } from 'zod';
import { editionKeys, signInTrail, siteTrail, trails } from '../redis/redis-keys.ts';
import { Script } from '../redis/script.ts';

/** Who did what, when, and with which key. Never has the text of an item. */
const auditEvent = z.object({
  /** ms since 1970, Redis' clock. */
  at: z.coerce.number(),
  action: z.string(),
  keyId: z.string(),
  name: z.string(),
  edition: z.string().optional(),
  itemId: z.string().optional(),
  version: z.coerce.number().optional(),
  /** The reason given for a retraction or a STOP, the name of a key. */
  detail: z.string().optional(),
});

export type AuditEvent = Readonly<z.infer<typeof auditEvent>>;

export interface AuditPage {
  /** Newest first. */
  readonly events: readonly AuditEvent[];
  /** The `before` of the next page, ms. Events of that ms are on this page. */
  readonly next?: number;
}

/** The audit trail. accept.lua writes the events of items; `note` writes all others. */
export interface Audit {
  /** Never rejects, because the act is done already. A lost event is an error for the operator (`onLost`). */
  note(event: Omit<AuditEvent, 'at'>): Promise<void>;
  /** Events of these editions and, with `withSite`, of keys, sign-ins and the STOP switch. */
  page(options: {
    readonly editions: readonly string[];
    readonly withSite: boolean;
    readonly before?: number;
    readonly limit: number;
  }): Promise<AuditPage>;
}

const noteScript = new Script(new URL('./note.lua', import.meta.url), { keys: ['meta', 'audit'], args: ['base'] });

interface AuditDeps {
  readonly redis: Redis;
  readonly prefix: string;
  onLost(error: unknown, event: Omit<AuditEvent, 'at'>): void;
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
    page: async ({ editions, withSite, before, limit }) => {
      const keys = [
        ...editions.map((edition) => editionKeys(prefix, edition).audit),
        ...(withSite ? trails.map((trail) => editionKeys(prefix, trail).audit) : []),
      ];
      const end = before === undefined ? '+' : String(before - 1);
      const found = await Promise.all(keys.map((key) => redis.xrevrange(key, end, '-', 'COUNT', limit + 1)));
      const events = found
        .flat()
        .flatMap(([id, fields]) => eventOf(id, fields) ?? [])
        .sort((a, b) => b.at - a.at);
      const last = events[limit - 1];
      if (!last || events.length <= limit) return { events };
      // Events of one ms are never split between two pages.
      return { events: events.filter(({ at }) => at >= last.at), next: last.at };
    },
  };
}

function eventOf(id: string, fields: readonly string[]): AuditEvent | null {
  const values = Object.fromEntries(
    fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : [])),
  );
  return auditEvent.safeParse({ ...values, at: id.slice(0, id.indexOf('-')) }).data ?? null;
}
