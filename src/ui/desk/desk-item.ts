import type { Correction, ItemBody, Urgency } from '../../item/item.ts';
import { isCount, isRecord } from '../../protocol/item-parse.ts';

export type DeskState =
  | 'draft'
  | 'held'
  | 'scheduled'
  | 'queued'
  | 'published'
  | 'withheld'
  | 'expired'
  | 'retracted'
  | 'cancelled';

/** An item as the desk's list shows it: the newest accepted version, out or not. */
export interface DeskItem {
  readonly id: string;
  readonly edition: string;
  readonly version: number;
  readonly state: DeskState;
  readonly body: ItemBody;
  /** Who asked for that version. */
  readonly by: string;
  /** ms since 1970. */
  readonly updatedAt: number;
  /** Null before it is out. */
  readonly publishedAt: number | null;
  readonly dueAt: number | null;
}

/** The editable fields of an item, as POST and PUT take them. */
export interface ItemFields {
  readonly edition: string;
  readonly headline: string;
  readonly attribution?: string;
  readonly urgency: Urgency;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  readonly url?: string;
  readonly expiresAt?: string;
  readonly correction?: Correction;
  readonly replaces?: string;
}

/** The items of a list answer; one that cannot be read is left out rather than taking the list down. */
export function parseItems(value: unknown): readonly DeskItem[] {
  if (!isRecord(value) || !Array.isArray(value['items'])) return [];
  return value['items'].flatMap((item) => parseItem(item) ?? []);
}

const states: readonly DeskState[] = [
  'draft',
  'held',
  'scheduled',
  'queued',
  'published',
  'withheld',
  'expired',
  'retracted',
  'cancelled',
];

function parseItem(value: unknown): DeskItem | null {
  if (!isRecord(value)) return null;
  const { id, edition, version, by } = value;
  const state = states.find((known) => known === value['state']);
  const body = parseBody(value['body'], typeof edition === 'string' ? edition : '');
  if (typeof id !== 'string' || typeof edition !== 'string' || !isCount(version) || !state || !body) return null;
  const name = isRecord(by) && typeof by['name'] === 'string' ? by['name'] : '';
  return {
    id,
    edition,
    version,
    state,
    body,
    by: name,
    updatedAt: parseTime(value['updatedAt']) ?? 0,
    publishedAt: parseTime(value['publishedAt']),
    dueAt: parseTime(value['dueAt']),
  };
}

function parseBody(value: unknown, edition: string): ItemBody | null {
  if (!isRecord(value) || typeof value['headline'] !== 'string') return null;
  const { attribution, url, expiresAt, urgency, language, replaces } = value;
  return {
    edition,
    language: typeof language === 'string' ? language : edition,
    dir: value['dir'] === 'rtl' ? 'rtl' : 'ltr',
    headline: value['headline'],
    urgency: urgency === 'flash' || urgency === 'update' ? urgency : 'urgent',
    sections: parseTexts(value['sections']),
    regions: parseTexts(value['regions']),
    topics: parseTexts(value['topics']),
    ...(typeof attribution === 'string' && { attribution }),
    ...(typeof url === 'string' && { url }),
    ...(typeof expiresAt === 'string' && { expiresAt }),
    ...(typeof replaces === 'string' && { replaces }),
  };
}

function parseTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function parseTime(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : value;
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : null;
}
