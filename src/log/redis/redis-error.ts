/**
 * What an error of Redis or ioredis means for the command that was rejected with it.
 *
 * - `not-written`: nothing was written. Redis refused the command, or ioredis never sent it. A retry can succeed.
 * - `unknown`: the command was sent, or may have been. Redis ran it once or not at all.
 * - `denied`: this Redis user may not run the command, and Redis did not run it.
 * - `denied-in-script`: Redis refused a command of a script. Commands of the script before it may have written.
 * - `wrong-type`: the key holds another type, which Flashwire never writes. In a script, commands before it may have written.
 * - `failed-in-script`: a script raised an error. Its commands before that may have written.
 * - `no-script`: Redis does not have the script under this hash, and ran nothing.
 * - `other`: none of these, for example a fault in this program.
 */
export type RedisErrorKind =
  | 'not-written'
  | 'unknown'
  | 'denied'
  | 'denied-in-script'
  | 'wrong-type'
  | 'failed-in-script'
  | 'no-script'
  | 'other';

/**
 * The first match counts. Replies of Redis begin with a code; in a script they end with `script: <sha>, on @user_script:<line>.`
 * Redis checks memory, disk and replicas only before the first write of a script (scriptVerifyWriteCommandAllow and
 * scriptVerifyOOM in script.c), so these codes mean `not-written` inside a script too.
 */
const kinds: readonly (readonly [RedisErrorKind, RegExp])[] = [
  [
    'not-written',
    /^(?:OOM|MISCONF|READONLY|LOADING|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|EXECABORT) /,
  ],
  // Redis kills a script only while it has written nothing.
  ['not-written', /^ERR (?:max number of clients reached|Script killed by user)/],
  ['not-written', /^(?:Stream isn't writeable|Cluster isn't ready) and enableOfflineQueue options is false$/],
  // ioredis says `Connection is closed.` of commands that it sent and of commands that it did not.
  ['unknown', /^(?:Connection is closed\.|Command timed out|Command aborted due to connection close)$/],
  ['unknown', /^(?:Reached the max retries per request limit|Socket timeout\.)/],
  ['unknown', /^(?:Too few replicas confirmed the write in time|Redis refuses a retry of what may be accepted)$/],
  ['unknown', /\b(?:ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT)\b/],
  ['denied', /^(?:NOPERM|NOAUTH|WRONGPASS) /],
  ['denied-in-script', /^ERR (?:The user executing the script|ACL failure in script)/],
  ['wrong-type', /^WRONGTYPE /],
  ['no-script', /^NOSCRIPT /],
  ['failed-in-script', /^ERR .*user_script/s],
];

/** A write that the primary has, and too few replicas: a failover may keep it or lose it. */
export function notReplicated(): Error {
  return new Error('Too few replicas confirmed the write in time');
}

/** Redis refuses a request, and an earlier one with its Idempotency-Key was accepted, or may have been. */
export function retryRefused(cause: unknown): Error {
  return new Error('Redis refuses a retry of what may be accepted', { cause });
}

/** `error` is what a command was rejected with. */
export function redisErrorKind(error: unknown): RedisErrorKind {
  if (!(error instanceof Error)) return 'other';
  // ioredis adds to EXECABORT why Redis did not take the commands of the transaction.
  const [cause] = 'previousErrors' in error && Array.isArray(error.previousErrors) ? error.previousErrors : [];
  if (cause instanceof Error) return redisErrorKind(cause);
  // A cluster: the answers before the last one said that the command was not run.
  const message = error.message.replace(/^Too many Cluster redirections\. Last error: (?:\w+: )?/, '');
  return kinds.find(([, pattern]) => pattern.test(message))?.[0] ?? 'other';
}

/** Whether Redis' rules for this user are wrong: an operator has to correct them. */
export function isDenied(error: unknown): boolean {
  const kind = redisErrorKind(error);
  return kind === 'denied' || kind === 'denied-in-script';
}

/** A key of another type reads as nothing; every other error is thrown. */
export function nullIfWrongType(error: unknown): null {
  if (redisErrorKind(error) === 'wrong-type') return null;
  throw error;
}
