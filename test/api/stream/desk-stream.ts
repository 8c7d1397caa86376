import { testKey, until } from '../../resources/flashwire.ts';

export interface StreamEvent {
  readonly name: string;
  readonly data: Record<string, unknown>;
  /** `performance.now()` at its arrival. */
  readonly at: number;
}

/** One open stream of a desk, and everything that came over it. */
export interface DeskStream extends AsyncDisposable {
  readonly status: number;
  readonly events: readonly StreamEvent[];
  /** The last `retry:`, ms. */
  retryMs(): number | null;
  hasEnded(): boolean;
  /** The first event of this name that fits, within 10 s. */
  next(name: string, fits?: (data: Record<string, unknown>) => boolean): Promise<StreamEvent>;
}

/** `credential` is a key, or the headers of a session. */
export async function openStream(
  url: string,
  query = 'edition=en',
  credential: string | Readonly<Record<string, string>> = testKey,
  path = '/v1/stream',
): Promise<DeskStream> {
  const abort = new AbortController();
  const headers = typeof credential === 'string' ? { authorization: `Bearer ${credential}` } : credential;
  const response = await fetch(`${url}${path}?${query}`, { headers, signal: abort.signal });
  const events: StreamEvent[] = [];
  let retryMs: number | null = null;
  let hasEnded = false;
  const read = async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      const parts = (text + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const retry = /^retry: (\d+)$/m.exec(part)?.[1];
        if (retry !== undefined) retryMs = Number(retry);
        const [, name] = /^event: (.*)$/m.exec(part) ?? [];
        const [, data] = /^data: (.*)$/m.exec(part) ?? [];
        if (name && data) events.push({ name, data: JSON.parse(data), at: performance.now() });
      }
    }
  };
  const reading = read()
    .catch(() => undefined)
    .finally(() => {
      hasEnded = true;
    });
  return {
    status: response.status,
    events,
    retryMs: () => retryMs,
    hasEnded: () => hasEnded,
    next: async (name, fits = () => true) => {
      const find = () => events.find((event) => event.name === name && fits(event.data));
      await until(() => find() !== undefined, 10_000, `the stream says ${name}`);
      const found = find();
      if (!found) throw new Error('unreachable');
      return found;
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await reading;
    },
  };
}

export function itemsOf({ data }: StreamEvent): readonly Record<string, unknown>[] {
  return data['items'] as Record<string, unknown>[];
}

export function itemOf({ data }: StreamEvent): Record<string, unknown> {
  return data['item'] as Record<string, unknown>;
}
