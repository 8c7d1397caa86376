import { ParseError } from '../src/log/entries/reply.ts';
import { isWrongType } from '../src/log/redis/wrong-type.ts';

/**
 * Whether the same command would fail again however well Redis is: its record does not parse, or the script stumbles over its
 * item's. A rule that keeps the worker from a command of the script is the site's fault, and what was accepted waits for it to be mended.
 */
export function isOwnFault(error: unknown): boolean {
  if (!(error instanceof Error) || /user executing the script|NOPERM|ACL/i.test(error.message)) return false;
  if (error instanceof ParseError || error instanceof SyntaxError || error.name === 'ZodError') return true;
  return isWrongType(error) || (error.message.startsWith('ERR') && /user_script/.test(error.message));
}
