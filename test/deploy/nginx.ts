import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bench/process/free-port.ts';
import { until } from '../resources/flashwire.ts';

/** A real nginx with deploy/nginx.conf, in front of services on local ports, with as many fan-outs as there are; `more` goes into its http block. */
export async function startNginx(
  ports: Readonly<Record<string, number>>,
  more = '',
): Promise<AsyncDisposable & { readonly port: number; waiting(): Promise<number> }> {
  const program = process.env['NGINX'] ?? '/usr/sbin/nginx';
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-nginx-'));
  await chmod(folder, 0o755); // its workers are nobody
  const port = await freePort();
  let conf = await readFile('deploy/nginx.conf', 'utf8');
  const others = Object.keys(ports).filter((one) => /^fanout-[3-9]$/.test(one));
  conf = conf.replaceAll(/\n\s*server fanout-2:8080.*/g, (second) =>
    [second, ...others.map((name) => second.replace('fanout-2', name))].join(''),
  );
  for (const [name, servicePort] of Object.entries(ports))
    conf = conf.replaceAll(`${name}:8080`, `127.0.0.1:${servicePort}`);
  conf = conf
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
    .replaceAll('/tmp/nginx', join(folder, 'nginx'))
    .replace('access_log off;', `access_log off; ${more}`)
    .replace('65536', '16384')
    .replace('location = /healthz', 'location = /nginx-status { stub_status; }\n    location = /healthz');
  const file = join(folder, 'nginx.conf');
  await writeFile(file, conf);
  const child = spawn(program, ['-c', file, '-e', 'stderr', '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors: string[] = [];
  child.stderr.on('data', (data) => errors.push(String(data)));
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${errors.join('')}`);
      return (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.status === 200;
    },
    10_000,
    'nginx answers',
  );
  return {
    port,
    /** Connections that are being answered. */
    async waiting() {
      const status = await (await fetch(`http://127.0.0.1:${port}/nginx-status`)).text();
      return Number(/Writing: (\d+)/.exec(status)?.[1]);
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
