import { readFileSync } from 'node:fs';

/** How long this machine has kept this process waiting for a processor since, ms. */
export function watchLateness(): () => number {
  const before = waitedMs();
  return () => waitedMs() - before;
}

/** Of the main thread: time on a processor, time that it waited for one, both in ns, and times that it got one. */
function waitedMs(): number {
  const [, waited = 0] = readFileSync('/proc/self/schedstat', 'utf8').split(' ').map(Number);
  return waited / 1e6;
}
