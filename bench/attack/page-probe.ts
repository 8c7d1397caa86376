import { request } from 'node:http';
import type { Clock } from '../process/clock.ts';

/** What became of one page in all the times that it was asked for. */
export interface Probed {
  readonly page: string;
  readonly ms: readonly number[];
  /** Times that it was answered with anything but 200, by HTTP status; `none`: not at all. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What everybody needs; `{item}` stands for the newest item. */
function commonPages(edition: string): readonly string[] {
  return [
    `/live/${edition}`,
    `/section/${edition}/miscellaneous`,
    `/region/${edition}/europe`,
    '/item/{item}',
    '/v1/feed/items/{item}',
    `/feeds/${edition}.rss`,
    `/feeds/${edition}.atom`,
    `/feeds/${edition}.json`,
    `/v1/feed.json?edition=${edition}`,
    `/v1/feed.json?edition=${edition}&section=miscellaneous`,
    `/v1/feed?edition=${edition}`,
    `/v1/feed.poll?edition=${edition}&wait=0`,
    `/v1/feed.poll?edition=${edition}&section=miscellaneous&wait=0`,
    '/v1/log/head',
    '/ticker.js',
    '/sdk.js',
    '/site.json',
    '/embed',
    '/',
    '/healthz',
    '/readyz',
  ];
}

/** Somebody who comes once a second and opens every page, each on a connection of its own. */
export class PageProbe implements Disposable {
  readonly #origin: string;
  #newest: string;
  readonly #clock: Clock;
  readonly #probed: readonly { page: string; ms: number[]; refused: Record<string, number> }[];
  readonly #asked = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  constructor(origin: string, { edition, newest }: { edition: string; newest: string }, clock: Clock) {
    this.#origin = origin;
    this.#newest = newest;
    const pages = commonPages(edition);
    this.#clock = clock;
    this.#probed = pages.map((page) => ({ page, ms: [], refused: {} }));
    this.#timer = setInterval(() => {
      for (const probed of this.#probed) {
        const asked = this.#ask(probed).finally(() => this.#asked.delete(asked));
        this.#asked.add(asked);
      }
    }, 1_000).unref();
  }

  /** Ends it once everything is answered. */
  async stop(): Promise<readonly Probed[]> {
    this[Symbol.dispose]();
    await Promise.all(this.#asked);
    return this.#probed;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #ask(probed: { page: string; ms: number[]; refused: Record<string, number> }): Promise<void> {
    const at = this.#clock();
    const status = await this.#statusOf(probed.page);
    if (status === '200') probed.ms.push(this.#clock() - at);
    else probed.refused[status] = (probed.refused[status] ?? 0) + 1;
  }

  #statusOf(page: string): Promise<string> {
    return new Promise((resolve) => {
      const asked = request(
        `${this.#origin}${page.replace('{item}', this.#newest)}`,
        { localAddress, agent: false, signal: AbortSignal.timeout(patienceMs) },
        (response) => {
          response.on('error', () => resolve('none'));
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            if (page.startsWith('/v1/feed.json')) text += part;
          });
          response.on('end', () => {
            this.#newest = /"items":\[\{"id":"(\w+)"/.exec(text)?.[1] ?? this.#newest;
            resolve(String(response.statusCode));
          });
        },
      );
      asked.on('error', () => resolve('none'));
      asked.end();
    });
  }
}

/** Neither the readers' nor the attacker's. */
const localAddress = '127.2.0.1';
const patienceMs = 10_000;
