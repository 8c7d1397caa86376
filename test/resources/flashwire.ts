import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { commandOn, thisHost } from '../../bench/process/host.ts';

/** An admin key for tests; never a real one. */
export const testKey = `fw_test1_${'k'.repeat(40)}`;

/**
 * V8 of Node 20 spends a quarter of the CPU of a start on optimizing what has just run hot. A process of a test lives for seconds:
 * it begins later with that. Newer ones spend less, and lack the flag.
 */
const v8Flags = process.versions.node.startsWith('20.') ? ['--interrupt-budget=3000000'] : [];

export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it logged so far. */
  readonly output: readonly string[];
}

/** Below the limit of a test of its tier (vitest.config.ts), so that the error has the output of the process. */
function usualDeadlineMs(): number {
  return Number(process.env['START_DEADLINE_MS'] ?? 45_000);
}

/**
 * Starts a built `flashwire <role>` as a real process on a free port and waits until it is ready, for less than the
 * limit of its test, so that a start that fails shows its output. `output` hears what it logs meanwhile.
 */
export async function startFlashwire(
  role: string,
  env: Readonly<Record<string, string>>,
  deadlineMs = usualDeadlineMs(),
  { program = 'dist/src/main.js', output = [] as string[], host = thisHost } = {},
): Promise<Running> {
  const child = spawn(...commandOn(host, process.execPath, [...v8Flags, program, role]), {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOST: host.address,
      PORT: '0',
      FLASHWIRE_METRICS_PORT: '0',
      FLASHWIRE_DRAIN_MS: '0',
      FLASHWIRE_BOOTSTRAP_KEY: testKey,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const theEnd = () => new Error(`flashwire ${role} ended with ${child.exitCode}:\n${output.join('\n')}`);
  const port = new Promise<number>((resolve, reject) => {
    const read = (line: string) => {
      output.push(line);
      const match = /"port":(\d+).*"msg":"listening"/.exec(line);
      if (match?.[1]) resolve(Number(match[1]));
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    child.once('exit', () => reject(theEnd()));
    AbortSignal.timeout(deadlineMs).addEventListener('abort', () =>
      reject(new Error(`flashwire ${role} did not listen in ${deadlineMs} ms:\n${output.join('\n')}`)),
    );
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(killer);
  };
  try {
    const url = `http://${host.address}:${await port}`;
    // The edges of `all` are ready without a worker, and what is posted then waits for one.
    const hasWorker = () => role !== 'all' || output.some((line) => line.includes('"msg":"worker started"'));
    const isReady = async () => {
      if (child.exitCode !== null) throw theEnd();
      return hasWorker() && (await fetch(`${url}/readyz`).catch(() => null))?.status === 200;
    };
    await until(isReady, deadlineMs, `${role} is ready`);
    return { url, child, output, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a built `flashwire ...` to its end. */
export async function runFlashwire(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [...v8Flags, 'dist/src/main.js', ...argv], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', FLASHWIRE_METRICS_PORT: '0', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => {
    said.out += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    said.err += bytes.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/** Resolves once `condition` holds; rejects with what was waited for when the deadline is over. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  what: string,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`timed out after ${deadlineMs} ms waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A request to the desk API with the test key. */
export async function desk(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${testKey}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}
