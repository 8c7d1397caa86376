import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { whyNoHosts } from '../../../torture/hosts/own-namespaces.ts';
import { until } from '../../resources/flashwire.ts';

const here = test.skipIf(whyNoHosts() !== null);

function start(...options: readonly string[]) {
  const child = spawn(process.execPath, ['dist/torture/main.js', '--hosts', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => {
    said.out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    said.err += bytes.toString();
  });
  return { child, said, ended: once(child, 'close') };
}

/** The process namespaces of all processes whose command line has these words. */
function namespacesOf(words: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
      return line.includes(words) ? [readlinkSync(`/proc/${pid}/ns/pid`)] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

here(
  'a link between two hosts is cut silently, and nothing that was accepted is lost',
  async () => {
    const { said, ended } = start('--short', '--json', '--fault', 'api and primary, 5 s');
    const [code] = (await ended) as [number | null];
    expect(said.err).toMatch(/1 faults, \d+ accepted, 0 violations\n$/);
    const [row] = (JSON.parse(said.out) as { readonly rows: readonly { readonly silentMs: number }[] }).rows;
    // Readers get nothing new while the link is cut: that it was cut shows in their silence, whatever the editors met.
    expect(row?.silentMs).toBeGreaterThan(4_000);
    expect(code).toBe(0);
  },
  110_000,
);

here(
  'SIGINT ends every process on every host',
  async () => {
    const seed = `--seed ${process.pid}`;
    const { child, ended } = start(...seed.split(' '), '--short', '--fault', 'nothing');
    const own = readlinkSync('/proc/self/ns/pid');
    const theirs = () => namespacesOf(seed).find((one) => one !== own);
    await until(() => theirs() !== undefined, 30_000, 'the program is in its own namespaces');
    const namespace = theirs() ?? '';
    await until(
      () => namespacesOf('redis-server').filter((one) => one === namespace).length === 6,
      60_000,
      'three Redis and three Sentinels have started',
    );
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(130);
    await until(() => !namespacesOf('').includes(namespace), 5_000, 'no process is left');
  },
  110_000,
);
