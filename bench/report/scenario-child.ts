import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';
import { type Comparison, comparisonSchema } from '../figures/comparison.ts';
import type { Result } from '../figures/figure.ts';
import { resultSchema } from '../figures/result-schema.ts';
import type { Environment } from '../process/child.ts';

export interface ChildOptions {
  readonly env: Environment;
  /** It is ended after that time; null: it has all the time that it needs. */
  readonly withinMs: number | null;
  progress(text: string): void;
}

/** What a run gave, or why it gave nothing. */
export type Outcome<T> =
  | { readonly type: 'measured'; readonly output: T }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'out-of-time' };

/** Runs a scenario with `--json` in a process of its own: what one leaves behind in memory costs the next one nothing. */
export function runScenario(argv: readonly string[], options: ChildOptions): Promise<Outcome<Result>> {
  return runBench(argv, options, resultSchema);
}

export function runComparison(argv: readonly string[], options: ChildOptions): Promise<Outcome<Comparison>> {
  return runBench(argv, options, comparisonSchema);
}

async function runBench<T>(argv: readonly string[], options: ChildOptions, schema: z.ZodType<T>): Promise<Outcome<T>> {
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...argv, '--json'], {
    env: { ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // However the bench ends, what it started ends with it.
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  const heard = listen(child, options.progress);
  let isLate = false;
  const timers = options.withinMs === null ? [] : endAfter(child, options.withinMs, () => (isLate = true));
  const [code] = await once(child, 'close');
  process.off('exit', kill);
  for (const timer of timers) clearTimeout(timer);
  if (isLate) return { type: 'out-of-time' };
  return readOutput(heard.output, heard.said, String(code), schema);
}

function listen(child: ChildProcess, progress: (text: string) => void) {
  const heard = { output: '', said: '' };
  child.stdout?.on('data', (bytes: Buffer) => {
    heard.output += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    heard.said = (heard.said + bytes.toString()).slice(-4_000);
    const step = /^… (.*)\n$/m.exec(
      bytes
        .toString()
        .split(/(?<=\n)/)
        .at(-1) ?? '',
    )?.[1];
    if (step !== undefined) progress(step);
  });
  return heard;
}

function endAfter(child: ChildProcess, withinMs: number, late: () => void): readonly NodeJS.Timeout[] {
  const end = (signal: NodeJS.Signals) => () => {
    late();
    child.kill(signal);
  };
  return [setTimeout(end('SIGTERM'), withinMs), setTimeout(end('SIGKILL'), withinMs + 5_000)];
}

/** The JSON stands in for its exit code, which says only whether there was a fault. */
export function readOutput<T>(output: string, said: string, code: string, schema: z.ZodType<T>): Outcome<T> {
  const parsed = schema.safeParse(parseJson(output));
  if (parsed.success) return { type: 'measured', output: parsed.data };
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('… '));
  return { type: 'failed', reason: lines.slice(-3).join(' ').slice(0, 500) || `it ended with ${code} and no result` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It ended before it had a result: the schema refuses undefined.
    return undefined;
  }
}
