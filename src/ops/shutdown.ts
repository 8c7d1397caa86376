import type { Logger } from './logger.ts';

/**
 * On SIGINT or SIGTERM runs `close` once, at most `boundMs`, then ends the process: 0 when all closed in time, 1 when not.
 * A second signal ends the process at once.
 */
export function onShutdown(logger: Logger, boundMs: number, close: () => Promise<void>): void {
  let isClosing = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isClosing) process.exit(1);
    isClosing = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error({ boundMs }, 'not stopped in time');
      process.exit(1);
    }, boundMs).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/**
 * After an uncaught error the state of the process is undefined: logs one line and exits with 1, so that the supervisor starts
 * another process.
 */
export function endOnFault(logger: Logger): void {
  const end = (message: string) => (error: unknown) => {
    logger.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', end('uncaught exception'));
  process.on('unhandledRejection', end('unhandled rejection'));
}
