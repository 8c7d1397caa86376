import { rmSync } from 'node:fs';
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, isOk } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { projectFolder } from '../process/project.ts';

export interface RunningNginx extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Connections that are being answered. */
  waiting(): Promise<number>;
}

/** A real nginx with deploy/nginx.conf, in front of services on local ports, with as many fan-outs as there are; `more` goes into its http block. */
export async function startNginx(ports: Readonly<Record<string, number>>, more = ''): Promise<RunningNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-nginx-'));
  await chmod(folder, 0o755); // its workers are nobody
  const port = await freePort();
  let conf = await readFile(join(projectFolder(), 'deploy/nginx.conf'), 'utf8');
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
  const program = process.env['NGINX'] ?? '/usr/sbin/nginx';
  const nginx = new Child('nginx', program, ['-c', file, '-e', 'stderr', '-g', 'daemon off;'], {
    cwd: folder,
    env: process.env,
  });
  const stop = async () => {
    await nginx.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await nginx.ready(() => isOk(`http://127.0.0.1:${port}/healthz`));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    pid: nginx.pid,
    async waiting() {
      const status = await (await fetch(`http://127.0.0.1:${port}/nginx-status`)).text();
      return Number(/Writing: (\d+)/.exec(status)?.[1]);
    },
    [Symbol.asyncDispose]: stop,
  };
}
