import { ParseError } from '../src/log/entries/reply.ts';
import { redisErrorKind } from '../src/log/redis/redis-error.ts';

/**
 * Whether the same command would fail again however well Redis works: its record does not parse, or the script fails on its item's
 * record. A denied command is the fault of Redis' rules: what was accepted waits until an operator corrects them.
 */
export function isOwnFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof ParseError || error instanceof SyntaxError || error.name === 'ZodError') return true;
  const kind = redisErrorKind(error);
  return kind === 'wrong-type' || kind === 'failed-in-script';
}
