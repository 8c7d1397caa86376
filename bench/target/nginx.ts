import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, isOk } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { commandOn, type Host, thisHost } from '../process/host.ts';
import { projectFolder } from '../process/project.ts';
import type { Certificate } from './certificate.ts';

export interface RunningNginx extends AsyncDisposable {
  readonly port: number;
  /** Of HTTPS; null without a certificate. */
  readonly securePort: number | null;
  readonly pid: number;
  /** Connections that are being answered. */
  waiting(): Promise<number>;
}

/** The program: a build of nginx for a comparison, or the system's. */
export const nginxProgram = process.env['NGINX'] ?? '/usr/sbin/nginx';

/**
 * Writes deploy/nginx.conf to `folder`, listening on a port of `host`, in front of services on local ports or at `host:port`, with as
 * many fan-outs and apis as there are. `more` goes into its http block. Returns the file. What it includes of /etc/nginx/https, it includes of `folder`/https.
 */
export async function writeNginxConf(
  folder: string,
  port: number,
  ports: Readonly<Record<string, number | string>>,
  more = '',
  workers: number | 'auto' = 'auto',
  host = thisHost,
): Promise<string> {
  let conf = await readFile(join(projectFolder(), 'deploy/nginx.conf'), 'utf8');
  for (const [shipped, others] of [
    ['fanout-2', /^fanout-[3-9]$/],
    ['api', /^api-\d$/],
  ] as const) {
    const names = Object.keys(ports).filter((one) => others.test(one));
    conf = conf.replaceAll(new RegExp(`\\n\\s*server ${shipped}:8080.*`, 'g'), (line) =>
      [line, ...names.map((name) => line.replace(shipped, name))].join(''),
    );
  }
  for (const [name, servicePort] of Object.entries(ports))
    conf = conf.replaceAll(`${name}:8080`, typeof servicePort === 'string' ? servicePort : `127.0.0.1:${servicePort}`);
  conf = conf
    .replace('listen 8080', `listen ${host.address}:${port}`)
    .replaceAll('/tmp/nginx', join(folder, 'nginx'))
    .replaceAll('/etc/nginx/https', join(folder, 'https'))
    .replace('access_log off;', `access_log off; ${more}`)
    .replace('65536', '16384')
    .replace('worker_processes auto', `worker_processes ${workers}`)
    .replace('location = /healthz', 'location = /nginx-status { stub_status; }\n    location = /healthz');
  const file = join(folder, 'nginx.conf');
  await writeFile(file, conf);
  return file;
}

/** A real nginx with deploy/nginx.conf, and with deploy/https/listen.conf if there is a certificate. */
export async function startNginx(
  ports: Readonly<Record<string, number | string>>,
  more = '',
  workers: number | 'auto' = 'auto',
  host = thisHost,
  certificate: Certificate | null = null,
): Promise<RunningNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-nginx-'));
  await chmod(folder, 0o755); // its workers are nobody
  const port = await freePort();
  const file = await writeNginxConf(folder, port, ports, more, workers, host);
  const securePort = certificate === null ? null : await writeListenConf(folder, certificate, host);
  const nginx = new Child(
    'nginx',
    ...commandOn(host, nginxProgram, ['-c', file, '-e', 'stderr', '-g', 'daemon off;']),
    {
      cwd: folder,
      env: process.env,
    },
  );
  const stop = async () => {
    await nginx.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await nginx.ready(() => isOk(`http://${host.address}:${port}/healthz`));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    securePort,
    pid: nginx.pid,
    async waiting() {
      const status = await (await fetch(`http://${host.address}:${port}/nginx-status`)).text();
      return Number(/Writing: (\d+)/.exec(status)?.[1]);
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Writes what the configuration includes for HTTPS; resolves with its port. */
async function writeListenConf(folder: string, { key, cert }: Certificate, host: Host): Promise<number> {
  const port = await freePort();
  const site = join(folder, 'site.pem');
  await writeFile(site, `${await readFile(cert, 'utf8')}${await readFile(key, 'utf8')}`, { mode: 0o600 });
  const conf = await readFile(join(projectFolder(), 'deploy/https/listen.conf'), 'utf8');
  await mkdir(join(folder, 'https'));
  await writeFile(
    join(folder, 'https/listen.conf'),
    conf.replace('listen 8443', `listen ${host.address}:${port}`).replaceAll('/tmp/site.pem', site),
  );
  return port;
}
