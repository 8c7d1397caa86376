import { readdirSync, readFileSync } from 'node:fs';
import { type LocalOptions, type LocalParts, type SystemUnderTest, startParts, startRole } from './server.ts';

/** Starts Redis and `flashwire all`, as npm start does: its edges serve the readers and relay what the desk posts. */
export function startOneMachine(options: LocalOptions): Promise<SystemUnderTest> {
  return startParts(options, async (env, children): Promise<LocalParts> => {
    const edges = { FLASHWIRE_FANOUT_PROCESSES: String(options.fanoutProcesses) };
    const all = await startRole('all', { ...env, ...edges }, children);
    return {
      apiUrl: all.url,
      feedUrls: [all.url],
      fanoutPids: edgesOf(all.pid),
      processes: [all],
      metricsUrls: [all.metricsUrl],
    };
  });
}

/** None where there is no /proc. */
function edgesOf(supervisor: number): readonly number[] {
  try {
    const tasks = readdirSync(`/proc/${supervisor}/task`);
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${supervisor}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return children.filter((pid) => /\0edge\0$/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))).map(Number);
  } catch {
    return [];
  }
}
