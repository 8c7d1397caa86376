import type { ChildProcess } from 'node:child_process';
import type { Logger } from './logger.ts';

const signEveryMs = 1_000;
/** The longest block of the event loop under attacks and full reloads was four seconds. */
const hungAfterMs = 15_000;

/**
 * For a child of a supervisor: reports once a second that its event loop runs, and stops with SIGTERM when the supervisor has
 * exited. Does nothing in a process without a supervisor.
 */
export function obeySupervisor(): void {
  if (process.send === undefined) return;
  setInterval(() => {
    if (process.connected) process.send?.({ type: 'flashwire:alive' }, undefined, undefined, () => undefined);
  }, signEveryMs).unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}

/** Kills a child that has not reported for `hungMs` (a blocked event loop, SIGSTOP), so that the supervisor starts it again. */
export function killOnceHung(name: string, child: ChildProcess, logger: Logger, hungMs = hungAfterMs): void {
  let heardAt = performance.now();
  let lookedAt = heardAt;
  const everyMs = Math.min(signEveryMs, hungMs / 4);
  child.on('message', () => {
    heardAt = performance.now();
  });
  const timer = setInterval(() => {
    const now = performance.now();
    // This process or the whole host paused: reports of the child may wait to be read.
    if (now - lookedAt > 2 * everyMs + 1_000) heardAt = now;
    lookedAt = now;
    if (now - heardAt < hungMs) return;
    logger.error(
      { child: name, pid: child.pid, seconds: Math.round((now - heardAt) / 1_000) },
      'child hung, killing it',
    );
    child.kill('SIGKILL');
  }, everyMs).unref();
  child.once('exit', () => clearInterval(timer));
}
