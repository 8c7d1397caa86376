import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BenchError } from '../process/bench-error.ts';

/** What a file of an earlier run holds; null when there is no such file. Throws a BenchError when it holds anything else. */
export function readStored<T>(file: string, schema: z.ZodType<T>): T | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new BenchError(`${file} cannot be read`, { cause });
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new BenchError(`${file} is no result of such a run: ${z.prettifyError(parsed.error).slice(0, 300)}`);
}

/** Whole or not at all: a run that is ended in the middle of it leaves the file as it was. */
export function writeStored(file: string, value: unknown): void {
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (cause) {
    throw new BenchError(`${file} cannot be written`, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the schema refuses undefined, and whoever asked is told the file.
    return undefined;
  }
}
