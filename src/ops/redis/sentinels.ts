import { type Redis, SentinelConnector } from 'ioredis';
import type { SentinelAddress } from './redis-address.ts';

/**
 * ioredis listens to no error of the connections on which it hears of a failover. Each of them, at each try to reach a Sentinel that
 * is away, would print a stack trace past the logger.
 */
class QuietSentinels extends SentinelConnector {}

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
