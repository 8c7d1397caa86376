/**
 * What time asks for (append.lua), read from its id: `x_<item>_<version>` is the end of an item, `n_..` that of a notice. The
 * version before kept such a command for 7 days after its time only; the list of what is due still names it.
 */
export function followUpOf(edition: string, commandId: string): Record<string, string> | null {
  const [, letter, item = '', version = ''] = /^([xn])_([0-9a-hjkmnp-tv-z]{26})_([1-9]\d{0,14})$/.exec(commandId) ?? [];
  if (letter === undefined) return null;
  return {
    id: commandId,
    kind: letter === 'x' ? 'expire' : 'clear',
    edition,
    item: item.toUpperCase(),
    version,
    state: 'scheduled',
    due: '0',
    body: '',
    facets: '',
    change: '',
    expires: '0',
    notice: '',
  };
}
