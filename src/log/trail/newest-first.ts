import { z } from 'zod';
import type { RedisConnection } from '../redis/shards.ts';

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
  /** The reason given for a retraction or a STOP; the id, role and name of a key. */
  detail: z.string().optional(),
});

export type AuditEvent = Readonly<z.infer<typeof auditEvent>>;

interface Bounds {
  /** Exclusive, ms. */
  readonly before?: number;
  /** Inclusive, ms. */
  readonly from?: number;
  /** Events of a stream that one command reads. */
  readonly atOnce: number;
}

/** The events of several streams in one order, newest first. A stream is read further when its events are used up. */
export async function* newestFirst(
  redis: RedisConnection,
  keys: readonly string[],
  bounds: Bounds,
): AsyncGenerator<AuditEvent> {
  const streams = keys.map((key) => new BackwardStream(redis, key, bounds));
  await Promise.all(streams.map((stream) => stream.fill()));
  for (;;) {
    const stream = streams.reduce<BackwardStream | null>(
      (first, one) => (one.newestAt > (first?.newestAt ?? -1) ? one : first),
      null,
    );
    const event = stream?.take();
    if (!event) return;
    yield event;
    await stream?.fill();
  }
}

class BackwardStream {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #from: string;
  readonly #atOnce: number;
  /** Oldest first. */
  #events: AuditEvent[] = [];
  /** Where the next command reads on; null at the end of the stream. */
  #next: string | null;

  constructor(redis: RedisConnection, key: string, { before, from = 0, atOnce }: Bounds) {
    this.#redis = redis;
    this.#key = key;
    this.#from = String(from);
    this.#atOnce = atOnce;
    this.#next = before === undefined ? '+' : String(before - 1);
  }

  /** -1 without an event. */
  get newestAt(): number {
    return this.#events.at(-1)?.at ?? -1;
  }

  take(): AuditEvent | undefined {
    return this.#events.pop();
  }

  async fill(): Promise<void> {
    while (this.#events.length === 0 && this.#next !== null) {
      const found = await this.#redis.xrevrange(this.#key, this.#next, this.#from, 'COUNT', this.#atOnce);
      const oldest = found.at(-1)?.[0];
      this.#next = found.length < this.#atOnce || oldest === undefined ? null : `(${oldest}`;
      this.#events = found.flatMap(([id, fields]) => eventOf(id, fields) ?? []).reverse();
    }
  }
}

function eventOf(id: string, fields: readonly string[]): AuditEvent | null {
  const values = Object.fromEntries(
    fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : [])),
  );
  return auditEvent.safeParse({ ...values, at: id.slice(0, id.indexOf('-')) }).data ?? null;
}
