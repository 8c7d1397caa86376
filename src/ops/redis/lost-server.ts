import { setImmediate } from 'node:timers/promises';
import type { Redis } from 'ioredis';

const askEveryMs = 1_000;

/**
 * Asks a command connection for its ROLE once a second, and reconnects if nothing comes within the connection's `commandTimeout`:
 * that option fails the command and keeps the socket, so a frozen or unreachable server would keep its clients for minutes. With
 * `mustBePrimary` it also reconnects if the server is not the primary any more. Any other answer, NOPERM too, is a sign of life.
 */
export function leaveLostServer(redis: Redis, mustBePrimary: boolean): void {
  let isAsking = false;
  const ask = async () => {
    if (redis.status !== 'ready' || isAsking) return;
    isAsking = true;
    const { stream } = redis;
    const before = stream.bytesRead;
    const isLost = await redis.role().then(
      ([role]) => mustBePrimary && role !== 'master',
      async (error: unknown) => {
        // After this process stood still, timers run before it reads what has arrived meanwhile.
        await setImmediate();
        return error instanceof Error && error.message === 'Command timed out' && stream.bytesRead === before;
      },
    );
    isAsking = false;
    // A question of the connection before may end only now.
    if (isLost && redis.stream === stream && redis.status === 'ready') redis.disconnect(true);
  };
  const timer = setInterval(() => void ask(), askEveryMs).unref();
  redis.once('end', () => clearInterval(timer));
}
