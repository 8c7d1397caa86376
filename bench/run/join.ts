import { BenchError } from '../process/bench-error.ts';
import { words } from '../readers/swarm-report.ts';
import { beyondIdle, type CommandUse } from '../target/redis-commands.ts';
import type { Bench } from './scenario.ts';
import { look, type Moment, type Stage, type StageOptions } from './stage.ts';

/** What joining cost. */
export interface Joined {
  readonly commands: CommandUse | null;
  readonly before: Moment;
  readonly after: Moment;
}

export async function join(stage: Stage, values: StageOptions, bench: Bench): Promise<Joined> {
  bench.progress(`connecting ${stage.swarm.readers} readers, ${values['connect-rate']} a second`);
  const stopCount = await stage.counter?.start();
  const before = look(stage.system, bench);
  const report = await stage.swarm.connect(values['connect-rate']);
  if (report.open < stage.swarm.readers)
    throw new BenchError(
      `only ${report.open} of ${stage.swarm.readers} readers could connect: ${words(report.refused) || words(report.dropped) || 'no answer'}`,
    );
  const connectedAt = look(stage.system, bench);
  const commands = (await stopCount?.()) ?? null;
  // What joining left behind is collected before memory is read.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const { fanout, kernelBytes } = look(stage.system, bench);
  return { commands, before, after: { at: connectedAt.at, fanout, kernelBytes } };
}

/** Readers must not cost Redis a command each; a few hundred commands more or less are the system's own housekeeping. */
export function readerCommandFaults(
  use: CommandUse | null,
  stage: Stage,
  readers: number,
  allowed = 0,
): readonly string[] {
  if (use === null || stage.idleCommands === null || readers < 500) return [];
  const beyond = beyondIdle(use, stage.idleCommands) - allowed;
  return beyond >= readers / 2
    ? [`Redis commands grew with the readers: ${beyond} beyond idle for ${readers} readers`]
    : [];
}
