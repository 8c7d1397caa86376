import { type Redis, SentinelConnector } from 'ioredis';
import type { SentinelAddress } from './redis-address.ts';

/**
 * Two faults of ioredis 6.0.0. It listens to no error of the connections on which it hears of a failover: each of them, at each try
 * to reach a Sentinel that is away, would print a stack trace past the logger. And those of a connection that is lost still listen
 * while the next one asks a Sentinel for the primary: news of a failover ends that one, and ioredis does not try again.
 */
class QuietSentinels extends SentinelConnector {
  override connect(...args: Parameters<SentinelConnector['connect']>): ReturnType<SentinelConnector['connect']> {
    const before = Reflect.get(this, 'failoverDetector') as { cleanup(): void } | null;
    before?.cleanup();
    return super.connect(...args);
  }
}

const connectToSentinel: unknown = Reflect.get(SentinelConnector.prototype, 'connectToSentinel');
Reflect.set(QuietSentinels.prototype, 'connectToSentinel', function quietly(this: unknown, ...args: unknown[]): Redis {
  const client = (connectToSentinel as (...args: unknown[]) => Redis).apply(this, args);
  return client.on('error', () => undefined);
});

/** Options for the primary that Sentinels name. */
export function sentinelOptions({ places, name, sentinelLogin, tls }: SentinelAddress) {
  const { username, password } = sentinelLogin;
  return {
    Connector: QuietSentinels as new (options: unknown) => QuietSentinels,
    sentinels: [...places],
    name,
    // Without it a primary that was frozen keeps its clients when it wakes up, and loses what they write (docs/deploy.md).
    failoverDetector: true,
    sentinelCommandTimeout: 1_000,
    sentinelRetryStrategy: (attempt: number) => Math.min(attempt * 100, 1_000),
    sentinelReconnectStrategy: () => 5_000,
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}
