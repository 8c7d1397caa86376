/**
 * WebSocket close codes. The range carries the policy, so a client needs no table: 4000-4099 never retry, 4100-4199 retry
 * with back-off, 4200-4299 retry within the announced window. PROTOCOL.md lists them, and a test compares both.
 */
export const closeCodes = {
  overloaded: 4100,
  noProgress: 4101,
  silent: 4102,
  tooMuchSent: 4103,
  drain: 4200,
} as const;

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];
export type RetryPolicy = 'never' | 'back-off' | 'window';

/** What a client does after a close code. Unknown codes, also those of the WebSocket standard, mean back-off. */
export function retryPolicy(code: number): RetryPolicy {
  if (code >= 4000 && code < 4100) return 'never';
  return code >= 4200 && code < 4300 ? 'window' : 'back-off';
}
