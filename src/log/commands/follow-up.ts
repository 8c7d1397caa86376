/**
 * The record of a command that time causes (append.lua), restored from its id: `x_<item>_<version>` ends an item, `n_..` ends a
 * notice. An earlier version kept such a record for only 7 days after its due time, while the list of due commands still names it.
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
