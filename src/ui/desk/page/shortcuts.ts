/** What a letter does outside text fields. Each only moves the focus or shows help. */
export type Shortcut = 'next' | 'previous' | 'list' | 'box' | 'help';

const byLetter: Readonly<Record<string, Shortcut>> = { j: 'next', k: 'previous', g: 'list', n: 'box' };

export const shortcutHelp = [
  ['F6', 'pane'],
  ['J, ↓', 'next'],
  ['K, ↑', 'previous'],
  ['G', 'list'],
  ['N', 'box'],
  ['?', 'help'],
  ['Enter', 'actions'],
  ['F2', 'correct'],
  ['Delete', 'hide'],
  ['Ctrl+Z', 'undo'],
  ['Alt+1, 2, 3', 'urgency'],
  ['Ctrl+S', 'saveDraft'],
  ['Ctrl+Enter', 'send'],
  ['Esc', 'escape'],
] as const;

/** Ctrl+Z or Cmd+Z, with Caps Lock too. */
export function isUndo(event: KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && letterOf(event).toLowerCase() === 'z';
}

/**
 * Null for a key that is text. A capital is text, so that most lines lose no letter. A keyboard without Latin letters has
 * the shortcuts at the same places.
 */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.key === '?' || event.key === '؟') return 'help';
  return event.shiftKey ? null : (byLetter[letterOf(event)] ?? null);
}

function letterOf({ key, code }: KeyboardEvent): string {
  return /^\p{Script=Latin}$/u.test(key) ? key : code.replace(/^Key/, '').toLowerCase();
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
