import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { freePort } from '../../bench/process/free-port.ts';
import { nginxProgram, writeNginxConf } from '../../bench/target/nginx.ts';
import { until } from '../resources/flashwire.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

export const domain = 'flash.example.org';

const programs = {
  nginx: nginxProgram,
  certbot: '/usr/bin/certbot',
  pebble: '/usr/bin/pebble',
  'pebble-challtestsrv': '/usr/bin/pebble-challtestsrv',
  openssl: '/usr/bin/openssl',
};

/** Which of the programs that a site with a certificate needs are missing; empty: it can be tested here. */
export const missingPrograms = Object.entries(programs).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));

export interface HttpsSite extends AsyncDisposable {
  /** Ports of HTTPS, of HTTP as the internet sees it, and of HTTP as other containers see it. */
  readonly port: number;
  readonly redirectPort: number;
  readonly plainPort: number;
  /** What signed the certificate. */
  readonly ca: string;
  /** The serial number of the certificate that nginx shows now. */
  serial(): Promise<string>;
  /** Asks for another certificate as an operator does. */
  renew(): Promise<void>;
  /** Puts this down instead of a certificate. */
  spoil(text: string): Promise<void>;
  /** Everything that nginx and certbot have written. */
  output(): string;
}

/** nginx and certbot with the shipped scripts, and the test authority pebble, which is sure that the domain is this machine. */
export async function startHttpsSite(ports: Readonly<Record<string, number>>): Promise<HttpsSite> {
  const stack = new ResourceStack();
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-https-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755); // nginx' workers are nobody
  const [port, redirectPort, plainPort] = [await freePort(), await freePort(), await freePort()];
  const said: string[] = [];
  const run = (program: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
    start(program, args, { PATH: process.env['PATH'] ?? '', ...env }, (text) => said.push(text));
  try {
    const authority = await startAuthority(folder, redirectPort, (...args) => stack.use(run(...args)));
    const conf = await writeNginxConf(folder, plainPort, ports);
    await writeIncluded(folder, { '8443': port, '8081': redirectPort });
    const env = {
      FLASHWIRE_DOMAIN: domain,
      CERTIFICATES: join(folder, 'certificates'),
      USED_CERTIFICATE: join(folder, 'site.pem'),
      CHECK_SECONDS: '0.2',
      NGINX: `${nginxProgram} -c ${conf} -e stderr`,
      FLASHWIRE_ACME_SERVER: authority.directory,
      REQUESTS_CA_BUNDLE: join(folder, 'pebble.pem'),
    };
    await mkdir(env.CERTIFICATES);
    stack.use(run('sh', ['deploy/https/nginx.sh'], env));
    await until(() => serialAt(port).then(Boolean, () => false), 10_000, 'nginx listens');
    const untrusted = await serialAt(port);
    stack.use(run('sh', ['deploy/https/certbot.sh'], env));
    const serial = () => serialAt(port);
    await until(async () => (await serial()) !== untrusted, 30_000, 'nginx has a certificate of the authority').catch(
      (error: unknown) => {
        throw new Error(`${error}\n${said.join('')}`);
      },
    );
    return {
      port,
      redirectPort,
      plainPort,
      ca: await authority.root(),
      serial,
      renew: async () => {
        const asked = run('sh', ['deploy/https/certbot.sh', '--force-renewal'], env);
        const code = await asked.ended;
        if (code !== 0) throw new Error(`certbot.sh ended with ${code}: ${said.join('')}`);
      },
      spoil: (text) => writeFile(join(env.CERTIFICATES, 'site.pem'), text),
      output: () => said.join(''),
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

type Run = (
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
) => AsyncDisposable & { readonly ended: Promise<number | null> };

/** Pebble, and a name server for it that says 127.0.0.1 to everything. */
async function startAuthority(folder: string, httpPort: number, run: Run) {
  const [acme, management, dns, dnsManagement] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const [certificate, privateKey, file] = [
    join(folder, 'pebble.pem'),
    join(folder, 'pebble.key'),
    join(folder, 'pebble.json'),
  ];
  const names = ['-subj', '/CN=pebble', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', privateKey];
  await run('openssl', ['req', '-x509', ...key, '-out', certificate, ...names], {}).ended;
  const pebble = {
    listenAddress: `127.0.0.1:${acme}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate,
    privateKey,
    httpPort,
    tlsPort: 1,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
  };
  await writeFile(file, JSON.stringify({ pebble }));
  const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
  run('pebble-challtestsrv', ['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`, ...off], {});
  run('pebble', ['-config', file, '-dnsserver', `127.0.0.1:${dns}`], {
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_WFE_NONCEREJECT: '0',
  });
  const own = await readFile(certificate, 'utf8');
  await until(() => rootOf(management, own).then(Boolean, () => false), 10_000, 'pebble is ready');
  return { directory: `https://localhost:${acme}/dir`, root: () => rootOf(management, own) };
}

/** The root certificate that pebble signs with, new at every start. */
async function rootOf(port: number, ca: string): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', ca, ALPNProtocols: ['http/1.1'] });
  socket.write('GET /roots/0 HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const piece of socket.setEncoding('utf8')) text += piece;
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(text)?.[0];
  if (pem === undefined) throw new Error(text);
  return pem;
}

async function writeIncluded(folder: string, ports: Readonly<Record<string, number>>): Promise<void> {
  await cp('deploy/https', join(folder, 'https'), { recursive: true });
  for (const name of ['listen.conf', 'redirect.conf']) {
    const file = join(folder, 'https', name);
    let text = (await readFile(file, 'utf8'))
      .replaceAll('/tmp/site.pem', join(folder, 'site.pem'))
      .replaceAll('/certificates/', join(folder, 'certificates/'));
    for (const [shipped, port] of Object.entries(ports))
      text = text.replace(`listen ${shipped}`, `listen 127.0.0.1:${port}`);
    await writeFile(file, text);
  }
}

function serialAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: '127.0.0.1', servername: domain, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** A process that hears SIGTERM when it is disposed of. */
function start(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  hear: (text: string) => void,
): ReturnType<Run> {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.once('error', (error) => hear(String(error)));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => hear(bytes.toString()));
  return {
    ended,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await ended;
    },
  };
}
