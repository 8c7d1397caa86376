/** Whether Redis refused since the key holds something of another type, which nobody of ours wrote. */
export function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE');
}

/** Of a key of another type nothing is known; any other error is one. */
export function nullIfWrongType(error: unknown): null {
  if (isWrongType(error)) return null;
  throw error;
}
