import { type Logger, pino } from 'pino';
import { isTraced, traceIdOf } from './traces.ts';

export type { Logger } from 'pino';

const secrets = ['authorization', 'cookie', '["set-cookie"]', '["sec-websocket-protocol"]', '["x-api-key"]'].flatMap(
  (name) => {
    const path = name.startsWith('[') ? name : `.${name}`;
    return [`req.headers${path}`, `request.headers${path}`, `headers${path}`];
  },
);

/** JSON lines on stdout: the object first, then a short fixed message. Secrets are redacted. */
export function createLogger(level: string, role: string): Logger {
  return pino({
    level,
    base: { role, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: plainError },
    ...(isTraced() && { formatters: { log: withTrace } }),
    redact: { paths: [...secrets, '*.key', '*.secret', '*.token', '*.password'], censor: '[redacted]' },
  });
}

/** The trace of the command that a line is about. */
function withTrace(line: Record<string, unknown>): Record<string, unknown> {
  const { commandId } = line;
  return typeof commandId === 'string' ? { ...line, traceId: traceIdOf(commandId) } : line;
}

/** Not the whole error: errors of ioredis have the arguments of the command, which include the text of items. */
function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  return { type: name, message, stack, ...('code' in error && { code: error.code }) };
}
