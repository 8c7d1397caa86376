import type { DeskItem, ItemTranslations } from '../log/commands/desk-log.ts';
import type { Proof } from './proof.ts';

/** An item of a list: its newest version, its newest proof and its relatives. */
export type ListedItem = ItemView & ItemTranslations & { readonly reach: Proof | null };

export type ItemView = Omit<DeskItem, 'body'> & { readonly body: unknown };

export function itemView({ body, ...item }: DeskItem): ItemView {
  return { ...item, body: parsedBody(body) };
}

/** Null after a purge. */
export function parsedBody(body: string): unknown {
  return body === '' ? null : JSON.parse(body);
}
