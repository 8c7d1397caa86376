/** A new Idempotency-Key. Not `randomUUID`: over plain HTTP, where a desk may have to make do, browsers do not have it. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
