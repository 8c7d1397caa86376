/** How long a command that was refused or cancelled can still be asked for, seconds. */
export const overTtlSeconds = 7 * 86_400;

/** How long an Idempotency-Key is remembered, seconds; shorter than its command is. */
export const idempotencySeconds = 86_400;
