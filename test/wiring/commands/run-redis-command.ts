import { runRedisCommand } from '../../../src/wiring/commands/redis-command.ts';

/** A command as a terminal gives it, over real Redis. */
export async function run(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const said = { out: [] as string[], err: [] as string[] };
  const terminal = {
    env,
    version: '1.2.3',
    stdout: process.stdout,
    out: (line: string) => said.out.push(line),
    err: (line: string) => said.err.push(line),
  };
  const code = await runRedisCommand(argv, terminal);
  return { code, ...said };
}
