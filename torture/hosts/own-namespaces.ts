import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';

const own = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why there can be no hosts on this machine, on one line; null: there can. */
export function whyNoHosts(): string | null {
  if (process.getuid?.() !== 0)
    return '--hosts needs root on Linux, because every host is a network namespace: run it as root';
  const lacking = ['unshare', 'nsenter', 'ip', 'nginx'].find((program) => spawnSync(program, ['-V']).error);
  if (lacking !== undefined) return `--hosts needs the program ${lacking}: install util-linux, iproute2 and nginx`;
  const { status, stderr } = spawnSync('unshare', [...own, 'true'], { encoding: 'utf8' });
  return status === 0 ? null : `--hosts: this root may not make namespaces (${stderr.trim()})`;
}

/**
 * Runs this program again in namespaces of its own: network, processes and mounts. The kernel ends every process in them and removes
 * the network and its temporary folder with the program, however it ends. Resolves with its exit code.
 */
export async function runInOwnNamespaces(more: readonly string[]): Promise<number> {
  const line = [process.execPath, ...process.execArgv, ...process.argv.slice(1), ...more];
  const child = spawn('unshare', [...own, ...line], { stdio: ['pipe', 'inherit', 'inherit'] });
  // `unshare` ignores the others while it waits.
  const end = () => child.kill('SIGKILL');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 130;
}

/** Gives the program in its own namespaces a temporary folder that ends with them, and ends it with the process that started it. */
export function settleIn(): void {
  process.stdin.on('end', () => process.exit(1)).resume();
  run('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']);
  mkdirSync('/run/tmp');
  process.env['TMPDIR'] = '/run/tmp';
  run('ip', ['link', 'set', 'lo', 'up']);
}

/** Runs a command to its end. Throws what it says when it fails. */
export function run(program: string, args: readonly string[], input = ''): void {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}
