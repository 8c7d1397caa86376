import { type SiteSource, type Source, seededSources } from '../item/line/source.ts';
import type { ConfirmedSources } from '../log/commands/confirmed-sources.ts';

/** How long a page may not know a source that the desk has just confirmed. */
const everyMs = 60_000;

interface KnownSourcesDeps {
  readonly seeds: readonly SiteSource[];
  readonly editions: readonly string[];
  readonly confirmed: Pick<ConfirmedSources, 'read'>;
  onError(error: unknown): void;
}

/**
 * The sources of each edition, for pages of readers: those of the site file, and those that editors confirmed. Read once a minute,
 * so that no page asks Redis. If Redis is unreachable the last ones stay.
 */
export class KnownSources {
  readonly #deps: KnownSourcesDeps;
  readonly #confirmed = new Map<string, readonly Source[]>();
  readonly #timer: NodeJS.Timeout;

  constructor(deps: KnownSourcesDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.read(), everyMs).unref();
    void this.read();
  }

  of(edition: string): readonly Source[] {
    return [...seededSources(this.#deps.seeds, edition), ...(this.#confirmed.get(edition) ?? [])];
  }

  async read(): Promise<void> {
    const { editions, confirmed, onError } = this.#deps;
    const read = editions.map(async (id) => this.#confirmed.set(id, (await confirmed.read(id)).sources));
    await Promise.all(read).catch(onError);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
