import { z } from 'zod';
import { parseJson } from '../../item/json.ts';
import { type Source, sourceKinds } from '../../item/line/source.ts';
import { editionKeys } from '../redis/redis-keys.ts';
import { Script } from '../redis/script.ts';
import type { RedisConnection } from '../redis/shards.ts';
import type { Noted } from '../trail/audit.ts';

const confirmScript = new Script(new URL('./confirm-sources.lua', import.meta.url), {
  keys: ['sources', 'meta', 'audit'],
  args: ['base', 'before', 'after'],
});

const stored = z.array(z.object({ name: z.string(), kind: z.enum(sourceKinds) }));
const reply = z.enum(['replaced', 'changed']);

/** The sources of an edition that editors have confirmed; the configuration has others. */
export interface ConfirmedSources {
  read(edition: string): Promise<Confirmed>;
  /** With `before`, only if nobody else has replaced them since. `detail` is for the audit trail. */
  replace(edition: string, change: SourcesChange): Promise<'replaced' | 'changed'>;
}

export interface Confirmed {
  readonly sources: readonly Source[];
  /** As Redis holds them. */
  readonly text: string;
}

interface SourcesChange {
  readonly sources: readonly Source[];
  readonly before?: Pick<Confirmed, 'text'>;
  readonly by: { readonly keyId: string; readonly name: string };
  readonly detail: string;
}

export function createConfirmedSources({
  redis,
  prefix,
}: {
  readonly redis: RedisConnection;
  readonly prefix: string;
}): ConfirmedSources {
  return {
    read: async (edition) => {
      const text = (await redis.get(editionKeys(prefix, edition).sources)) ?? '';
      return { sources: stored.safeParse(parseJson(text)).data ?? [], text };
    },
    replace: async (edition, { sources, before, by, detail }) => {
      const { sources: key, meta, audit, base } = editionKeys(prefix, edition);
      const event = { action: 'sources', ...by, edition, detail } satisfies Noted;
      return reply.parse(
        await confirmScript.run(redis, {
          keys: { sources: key, meta, audit },
          args: { base, before: before?.text ?? '*', after: JSON.stringify(sources) },
          rest: Object.entries(event).flat(),
        }),
      );
    },
  };
}
