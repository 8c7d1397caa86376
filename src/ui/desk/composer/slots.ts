import { slotsOf, type Template } from '../../../item/line/template.ts';

/** A slot of a template in the box, with its braces. */
export interface Slot {
  readonly start: number;
  readonly end: number;
}

/** The first slot from a position on; null after the last one. */
export function nextSlot(text: string, from: number): Slot | null {
  return slotsIn(text).find(({ start }) => start >= from) ?? null;
}

/** The last slot that ends before a position; null before the first one. */
export function previousSlot(text: string, before: number): Slot | null {
  return slotsIn(text).findLast(({ end }) => end <= before) ?? null;
}

/** The first slot of the edition's templates that is still open; null when the line can go out. */
export function openSlot(line: string, templates: readonly Template[] = []): string | null {
  const names = new Set(templates.flatMap(({ text }) => slotsOf(text)));
  return slotsOf(line).find((name) => names.has(name)) ?? null;
}

function slotsIn(text: string): readonly Slot[] {
  return [...text.matchAll(/\{[^{}]{1,40}\}/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Selects the first slot in the box of a form, once the box shows its text. */
export function selectSlot(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const box = form?.querySelector('textarea');
    const slot = box && nextSlot(box.value, 0);
    box?.focus();
    if (slot) box.setSelectionRange(slot.start, slot.end);
  });
}
