import type { Urgency } from '../item.ts';

/** A phrase that an edition uses again and again: "Sirens in {place}". */
export interface Template {
  readonly name: string;
  /** A typed line with slots in braces. */
  readonly text: string;
  readonly urgency?: Urgency;
}

const slot = /\{([^{}]{1,40})\}/g;

/** The names of the slots of a template, in their order, each once. */
export function slotsOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(slot)].map(([, name = '']) => name))];
}

/** Whether every brace of a text belongs to a slot with a name. */
export function hasSlotsOnly(text: string): boolean {
  return !/[{}]/.test(text.replace(slot, (_, name: string) => (name.trim() === '' ? '{}' : '')));
}
