/** The value of a JSON text; null if it is not JSON. A schema decides what the value is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
