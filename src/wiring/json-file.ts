/** The value of a JSON text. Throws an Error whose message names the line and the column of the fault. */
export function parseJsonFile(text: string): unknown {
  const fault = faultOf(text);
  if (fault === null) return JSON.parse(text);
  const lines = text.slice(0, placeOf(fault, text)).split('\n');
  const what = fault.replace(/^(Unexpected token '.+?'), .*|( in JSON)? at position .*/s, '$1');
  throw new Error(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${what}`);
}

/** What V8 says of it; null if it is JSON. */
function faultOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}

/** V8 does not say where an unexpected token is: it ends the shortest beginning of the text that has one. */
function placeOf(fault: string, text: string): number {
  const position = / at position (\d+)/.exec(fault)?.[1];
  if (position !== undefined) return Number(position);
  if (!fault.startsWith('Unexpected token')) return text.length;
  let [without, withIt] = [0, text.length];
  while (withIt - without > 1) {
    const middle = (without + withIt) >> 1;
    if (faultOf(text.slice(0, middle))?.startsWith('Unexpected token')) withIt = middle;
    else without = middle;
  }
  return without;
}
