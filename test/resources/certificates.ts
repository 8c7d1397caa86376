import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface Certificates extends Disposable {
  /** For localhost and 127.0.0.1, its own authority. One that has expired was valid in January 2020. */
  make(name: string, hasExpired?: boolean): Certificate;
}

/** Certificates in a folder that ends with its block. */
export function openCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-certificates-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  writeFileSync(at('index.txt'), '');
  const lines = [
    '[ca]',
    'default_ca=own',
    '[own]',
    'database=index.txt',
    'default_md=sha256',
    'policy=any',
    'copy_extensions=copy',
    'rand_serial=yes',
  ];
  writeFileSync(at('ca.conf'), [...lines, '[any]', 'commonName=supplied', ''].join('\n'));
  return {
    make: (name, hasExpired = false) => {
      const [key, request, cert] = ['key', 'csr', 'pem'].map((ending) => at(`${name}.${ending}`)) as [
        string,
        string,
        string,
      ];
      const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
      openssl(
        'req',
        '-new',
        '-nodes',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-subj',
        `/CN=${name}`,
        ...names,
        '-keyout',
        key,
        '-out',
        request,
      );
      const time = hasExpired ? ['-startdate', '20200101000000Z', '-enddate', '20200131000000Z'] : ['-days', '1'];
      openssl(
        'ca',
        '-batch',
        '-config',
        'ca.conf',
        '-notext',
        '-selfsign',
        '-keyfile',
        key,
        '-in',
        request,
        '-out',
        cert,
        '-outdir',
        folder,
        ...time,
      );
      return { key, cert };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
