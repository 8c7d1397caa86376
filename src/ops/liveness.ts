import type { ChildProcess } from 'node:child_process';
import type { Logger } from './logger.ts';

const signEveryMs = 1_000;
/** The longest turn of the loop that an attack or a full reload has caused was four seconds. */
const hungAfterMs = 15_000;

/**
 * For a child of a supervisor: says once a second that its loop turns, and ends it as SIGTERM does once its supervisor is gone,
 * whoever killed that. Does nothing in a process that has none.
 */
export function obeySupervisor(): void {
  if (process.send === undefined) return;
  setInterval(() => {
    if (process.connected) process.send?.({ type: 'flashwire:alive' }, undefined, undefined, () => undefined);
  }, signEveryMs).unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

/** Kills a child that is alive and gives no sign for `hungMs` (its loop is blocked, somebody has stopped it), so that it is started again. */
export function killOnceHung(name: string, child: ChildProcess, logger: Logger, hungMs = hungAfterMs): void {
  let heardAt = performance.now();
  let lookedAt = heardAt;
  const everyMs = Math.min(signEveryMs, hungMs / 4);
  child.on('message', () => {
    heardAt = performance.now();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    // This process stood still itself, or the whole host: what the child said meanwhile is still to be read.
    if (now - lookedAt > 2 * everyMs + 1_000) heardAt = now;
    lookedAt = now;
    if (now - heardAt < hungMs) return;
    logger.error(
      { child: name, pid: child.pid, seconds: Math.round((now - heardAt) / 1_000) },
      'child hangs, killing it',
    );
    child.kill('SIGKILL');
  }, everyMs).unref();
  child.once('exit', () => clearInterval(timer));
}
