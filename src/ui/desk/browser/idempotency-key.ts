/** A new Idempotency-Key. Browsers have no `randomUUID` over plain HTTP, which a desk may have to use. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
