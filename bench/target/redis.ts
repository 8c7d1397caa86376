import { mkdirSync } from 'node:fs';
import { Child, type Environment, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';

export interface RunningRedis {
  readonly url: string;
  readonly process: Child;
}

/** A Redis of the bench's own in this folder, with every write on the disk before it is answered. `users`: the file of its users. */
export async function startRedis(
  folder: string,
  env: Environment,
  users?: { readonly file: string; readonly port: number },
): Promise<RunningRedis> {
  mkdirSync(folder, { recursive: true });
  const port = users?.port ?? (await freePort());
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    ...(users && { aclfile: users.file }),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const redis = new Child('redis-server', 'redis-server', args, { cwd: folder, env });
  try {
    await redis.ready(() => isListening(port));
  } catch (error) {
    await redis.stop();
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, process: redis };
}
