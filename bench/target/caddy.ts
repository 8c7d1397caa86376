import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child, type Environment, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import type { Certificate } from './certificate.ts';

export interface RunningCaddy extends AsyncDisposable {
  /** Of HTTPS. */
  readonly port: number;
  readonly pid: number;
}

/** Caddy as its documentation has it in front of one service: one line, and the certificate. */
export async function startCaddy(
  program: string,
  folder: string,
  env: Environment,
  servicePort: number,
  { key, cert }: Certificate,
): Promise<RunningCaddy> {
  const port = await freePort();
  const file = join(folder, 'Caddyfile');
  const options = '{\n  admin off\n  persist_config off\n  auto_https off\n}';
  await writeFile(
    file,
    `${options}\nhttps://127.0.0.1:${port} {\n  tls ${cert} ${key}\n  reverse_proxy 127.0.0.1:${servicePort}\n}\n`,
  );
  const caddy = new Child('caddy', program, ['run', '--config', file, '--adapter', 'caddyfile'], {
    cwd: folder,
    env: { ...env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  try {
    await caddy.ready(() => isListening(port));
  } catch (error) {
    await caddy.stop();
    throw error;
  }
  return { port, pid: caddy.pid, [Symbol.asyncDispose]: () => caddy.stop() };
}
