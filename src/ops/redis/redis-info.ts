/** The fields of a reply to INFO, by name. */
export function parseInfo(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(':');
      return line.startsWith('#') || at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}
