import autocannon from 'autocannon';
import { percentile } from '../figures/figure.ts';
import { BenchError } from '../process/bench-error.ts';

export interface LoadPlan {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Body of the nth request; left out for a GET. */
  body?(index: number): string;
  readonly connections: number;
  readonly seconds: number;
}

/** What requests as fast as they are answered came to. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests without an answer. */
  readonly errors: number;
  /** CPU that this process used for it, in cores. */
  readonly ownCores: number;
}

/** Sends requests over that many connections, each as soon as the one before is answered. */
export async function load(plan: LoadPlan): Promise<Load> {
  const { url, method, headers, connections, seconds, body } = plan;
  // autocannon's own histogram counts whole milliseconds.
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  const requests = body && [{ setupRequest: (request: autocannon.Request) => ({ ...request, body: body(next++) }) }];
  const before = process.cpuUsage();
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url,
        method,
        headers: { ...headers },
        connections,
        duration: seconds,
        ...(requests && { requests }),
      },
      (error: unknown, done) => (error ? reject(new BenchError(`${url}: no load`, { cause: error })) : resolve(done)),
    );
    instance.on('response', (_client, status, _bytes, ms) => {
      times.push(ms);
      statuses[status] = (statuses[status] ?? 0) + 1;
    });
  });
  const { user, system } = process.cpuUsage(before);
  return {
    requests: times.length,
    perSecond: times.length / result.duration,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: percentile(times, 1),
    statuses,
    errors: result.errors,
    ownCores: (user + system) / 1e6 / result.duration,
  };
}
