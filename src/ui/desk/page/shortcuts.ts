/** What a letter does on the focused item. */
export type Shortcut = 'next' | 'previous' | 'hide' | 'correct' | 'retract' | 'attach' | 'translate' | 'help';

/** By the position of the key: the same keys on an Arabic and on an English keyboard. */
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

/** Null for other keys, repeats, keys with Ctrl, and letters that are being composed. */
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
    // Not stored: the choice lasts as long as this page.
  }
}
