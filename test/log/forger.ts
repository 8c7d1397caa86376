import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A record of a stream as an attacker with write access sees it. */
export interface Raw {
  readonly id: string;
  readonly flat: readonly string[];
}

export const fieldOf = ({ flat }: Raw, name: string): string => flat[flat.indexOf(name) + 1] ?? '';

export const withValue = (flat: readonly string[], name: string, value: string): string[] =>
  flat.map((field, at) => (at % 2 === 1 && flat[at - 1] === name ? value : field));

export const withoutField = (flat: readonly string[], name: string): string[] =>
  flat.filter((_, at) => flat[at - (at % 2)] !== name);

export async function readStream(redis: Redis, key: string): Promise<readonly Raw[]> {
  return (await redis.xrange(key, '-', '+')).map(([id, flat]) => ({ id, flat }));
}

export async function writeStream(redis: Redis, key: string, records: readonly Raw[]): Promise<void> {
  await redis.del(key);
  for (const { id, flat } of records) await redis.xadd(key, id, ...flat);
}

/** As chain.lua makes it, written down a second time. */
export function linkOf(trail: 'log' | 'audit', { id, flat }: Raw): string {
  const [first, apart] =
    trail === 'log'
      ? [
          ['b', 'u'],
          ['b', 'u', 'h'],
        ]
      : [
          ['b', 'l', 't'],
          ['t', 'b', 'l', 'h'],
        ];
  const parts = first.map((name) => fieldOf({ id, flat }, name));
  if (trail === 'log') parts.push(id.split('-')[0] ?? '');
  flat.forEach((part, at) => {
    if (!apart.includes(flat[at - (at % 2)] ?? '')) parts.push(part);
  });
  const whole = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join(',');
  return createHash('sha1').update(whole).digest('hex');
}

/** Recomputes every link of both trails from the records, and the heads of meta. */
export async function rechain(redis: Redis, base: string): Promise<void> {
  const trails = { log: await readStream(redis, `${base}:log`), audit: await readStream(redis, `${base}:audit`) };
  const renamed = new Map([['', '']]);
  const done = { log: [] as Raw[], audit: [] as Raw[] };
  const step = (trail: 'log' | 'audit', other: string): boolean => {
    const record = trails[trail][done[trail].length];
    const named = record && renamed.get(fieldOf(record, other));
    if (!record || named === undefined) return false;
    const before = done[trail].at(-1);
    let flat = withValue(record.flat, 'b', before ? fieldOf(before, 'h') : '');
    flat = withValue(flat, other, named);
    const hash = linkOf(trail, { id: record.id, flat });
    renamed.set(fieldOf(record, 'h'), hash);
    done[trail].push({ id: record.id, flat: withValue(flat, 'h', hash) });
    return true;
  };
  while (step('audit', 'l') || step('log', 'u'));
  await writeStream(redis, `${base}:log`, done.log);
  await writeStream(redis, `${base}:audit`, done.audit);
  const [entry, event] = [done.log.at(-1), done.audit.at(-1)];
  await redis.hset(`${base}:meta`, {
    seq: entry?.id.split('-')[0] ?? '0',
    hash: entry ? fieldOf(entry, 'h') : '',
    audit: event ? fieldOf(event, 'h') : '',
  });
}
