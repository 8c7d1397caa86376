/** What a letter does on the item that has the focus. */
export type Shortcut = 'next' | 'previous' | 'hide' | 'correct' | 'retract' | 'attach' | 'translate' | 'help';

/** By the place of the key, not by what stands on it: the same keys on an Arabic and on an English keyboard. */
const byCode: Readonly<Record<string, Shortcut>> = {
  KeyJ: 'next',
  ArrowDown: 'next',
  KeyK: 'previous',
  ArrowUp: 'previous',
  KeyH: 'hide',
  KeyC: 'correct',
  KeyR: 'retract',
  KeyL: 'attach',
  KeyT: 'translate',
};

export const shortcutHelp = [
  ['J, ↓', 'next'],
  ['K, ↑', 'previous'],
  ['H', 'hide'],
  ['C', 'correct'],
  ['R', 'retract'],
  ['L', 'attach'],
  ['T', 'translate'],
  ['?', 'help'],
  ['Alt+1, 2, 3', 'urgency'],
  ['Ctrl+S', 'saveDraft'],
  ['Esc', 'escape'],
] as const;

/** Null for everything else: a held key, a key with Ctrl, a letter that is being composed. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === '?' || (event.code === 'Slash' && event.shiftKey)) return 'help';
  return event.shiftKey ? null : (byCode[event.code] ?? null);
}

const key = 'flashwire-desk-shortcuts';

export function areShortcutsOn(): boolean {
  try {
    return localStorage.getItem(key) !== 'off';
  } catch {
    return true;
  }
}

export function rememberShortcuts(areOn: boolean): void {
  try {
    localStorage.setItem(key, areOn ? 'on' : 'off');
  } catch {
    // Not remembered: the choice holds for this page.
  }
}
