import { focusBox } from '../browser/focus.ts';
import type { Shortcut } from '../page/shortcuts.ts';

/** Moves the focus as a shortcut asks. Outside the list, J and K begin at its newest line; above it are those that wait. */
export function move(shortcut: Exclude<Shortcut, 'help'>): void {
  const at = document.activeElement?.closest('.items > li');
  if (shortcut === 'box') focusBox();
  else if (shortcut === 'list' || !at)
    focusOn(document.querySelector('.items > li') ?? document.querySelector('.list select'));
  else if (shortcut === 'next') focusOn(at.nextElementSibling);
  else focusOn(at.previousElementSibling ?? document.querySelector('.waiting button'));
}

/**
 * The keys of a focused line, none of which types a character. Enter goes to its actions, the arrow keys choose one, and
 * Enter, as the browser has it, presses it.
 */
export function onListKey(event: KeyboardEvent): void {
  const { target } = event;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (!(target instanceof HTMLElement)) return;
  const row = target.closest<HTMLElement>('.items > li');
  const isHandled = target === row ? onRowKey(event, row) : row !== null && onActionKey(event, target, row);
  if (isHandled) event.preventDefault();
}

function onRowKey({ key, repeat }: KeyboardEvent, row: HTMLElement): boolean {
  if (key === 'ArrowDown') move('next');
  else if (key === 'ArrowUp') move('previous');
  else if (repeat) return false;
  else if (key === 'Enter') focusOn(firstActionOf(row));
  else if (key === 'Delete') row.querySelector<HTMLElement>('.actions > .hide')?.click();
  else if (key === 'F2') row.querySelector<HTMLElement>('.actions > .correct')?.click();
  else return false;
  return true;
}

function onActionKey({ key }: KeyboardEvent, target: HTMLElement, row: HTMLElement): boolean {
  if (!target.matches('.row-actions > button')) return false;
  const actions = [...row.querySelectorAll<HTMLElement>('.row-actions > button')];
  const towards = getComputedStyle(row).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const at = actions.indexOf(target);
  if (key === 'ArrowLeft' || key === 'ArrowRight')
    focusOn(actions.at((at + (key === towards ? 1 : -1)) % actions.length) ?? null);
  else if (key === 'ArrowDown') move('next');
  else if (key === 'ArrowUp') move('previous');
  else if (key === 'Escape') row.focus();
  else return false;
  return true;
}

/** An action that only opens a form comes first: two presses of Enter change nothing. */
function firstActionOf(row: HTMLElement): Element | null {
  return row.querySelector('.row-actions > [data-opens]') ?? row.querySelector('.row-actions > button');
}

function focusOn(element: Element | null): void {
  if (element instanceof HTMLElement) element.focus();
}
