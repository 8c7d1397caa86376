import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How long, at most, this machine has kept this process waiting since; read once, ms. */
export function watchLateness(): () => number {
  const delay = monitorEventLoopDelay();
  delay.enable();
  return () => {
    delay.disable();
    return delay.max / 1e6;
  };
}
