import { useEffect, useRef } from 'preact/hooks';
import { isUndo, type Shortcut, shortcutOf } from '../page/shortcuts.ts';
import { focusBox } from './focus.ts';

interface TypedKeys {
  readonly areShortcutsOn: boolean;
  onShortcut(shortcut: Shortcut): void;
  onUndo(): void;
}

/**
 * Typed text is never a command. A key that types a character outside a text field is a shortcut, if shortcuts are on, or
 * goes into the box. A space presses no button of the desk, because it may be part of a text: Enter does. A held Enter
 * presses nothing. F6 goes from the box to the list and back, also from within a text field.
 */
export function useTypedKeys(keys: TypedKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.defaultPrevented || event.isComposing || !(target instanceof Element)) return;
      if (isPaneKey(event) && !event.repeat) {
        event.preventDefault();
        return latest.current.onShortcut(target.closest('.list') ? 'box' : 'list');
      }
      if (event.key === 'Enter' && event.repeat && !takesText(target)) event.preventDefault();
      if (isUndo(event) && !event.repeat && !takesText(target)) latest.current.onUndo();
      if (!isTyped(event) || takesText(target) || (event.key === ' ' && takesSpace(target))) return;
      const shortcut = latest.current.areShortcutsOn ? shortcutOf(event) : null;
      if (!shortcut) return focusBox(); // The browser types the character where the focus is now.
      event.preventDefault();
      latest.current.onShortcut(shortcut);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Alone: with Ctrl, Alt or Shift it is the browser's. */
function isPaneKey({ key, ctrlKey, altKey, shiftKey, metaKey }: KeyboardEvent): boolean {
  return key === 'F6' && !ctrlKey && !altKey && !shiftKey && !metaKey;
}

/** A character, a dead key that begins one, or a key that an input method has taken. AltGr types characters. */
function isTyped(event: KeyboardEvent): boolean {
  const isCommand = (event.ctrlKey || event.altKey) && !event.getModifierState('AltGraph');
  if (isCommand || event.metaKey) return false;
  return Array.from(event.key).length === 1 || event.key === 'Dead' || event.key === 'Process';
}

const keysOfTheirOwn = ['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit'];

/** A list of choices takes characters too: they choose. */
function takesText(target: Element): boolean {
  if (target instanceof HTMLInputElement) return !keysOfTheirOwn.includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Controls that send nothing keep the space bar. */
function takesSpace(target: Element): boolean {
  return target instanceof HTMLInputElement || target.matches('summary, header button');
}
