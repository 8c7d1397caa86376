import type { UsableItem } from '../../src/item/item.ts';

export const epoch = 'abcd1234';

export function itemAt(place: number, change: Partial<UsableItem> = {}): UsableItem {
  return {
    id: `item-${place}`,
    version: 1,
    place,
    edition: 'en',
    language: 'en',
    dir: 'ltr',
    headline: `Headline number ${place}`,
    attribution: 'Agency',
    urgency: 'urgent',
    status: 'usable',
    sections: [],
    regions: [],
    topics: [],
    publishedAt: '2026-03-01T10:00:00.000Z',
    updatedAt: '2026-03-01T10:00:00.000Z',
    ...change,
  };
}

const welcome = { epoch, beatMs: 20_000, stale: false, retry: { afterMs: 100, withinMs: 4_000 } };

export function snapshot(seq: number, items: readonly object[], change: object = {}) {
  return { type: 'snapshot', seq, items, more: false, reason: 'start', ...welcome, ...change };
}

export function resumed(seq: number, missed: number, change: object = {}) {
  return { type: 'resumed', seq, missed, ...welcome, ...change };
}

export function itemFrame(seq: number, prev: number, item: object = itemAt(seq), change = 'new') {
  return { type: 'item', seq, prev, change, item };
}

export function removal(seq: number, prev: number, id: string, version: number, change: object = {}) {
  return { type: 'removal', seq, prev, id, version, reason: 'retracted', ...change };
}

export function beat(seq: number, prev: number, stale = false) {
  return { type: 'beat', seq, prev, stale };
}
