import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import type { UsableItem } from '../../../src/item/item.ts';
import type { NewsModel } from '../../../src/ui/pages/model.ts';
import { News } from '../../../src/ui/pages/news.tsx';
import { NewsStore } from '../../../src/ui/pages/news-store.ts';
import { site } from '../../resources/site.ts';

const [edition] = site.editions;

function item(place: number, more: Partial<UsableItem> = {}): UsableItem {
  const at = '2026-01-01T00:00:00.000Z';
  const facets = { sections: [], regions: [], topics: [], urgency: 'update' } as const;
  const line = { headline: `Line ${place}`, language: 'en', dir: 'ltr', edition: 'en' } as const;
  const times = { publishedAt: at, updatedAt: at };
  return { id: `I${place}`, version: 1, place, status: 'usable', ...facets, ...line, ...times, ...more } as UsableItem;
}

function modelOf(items: readonly UsableItem[]): NewsModel {
  if (!edition) throw new TypeError('the site of the tests has an edition');
  return {
    view: 'list',
    edition,
    filter: { edition: edition.id, sections: [], regions: [], topics: [], urgencies: [] },
    labels: { sections: [], regions: [], topics: [] },
    sources: [],
    publisher: { name: 'Newsroom' },
    title: 'Live',
    url: '/live/en',
    items,
    key: [],
    next: null,
    position: null,
    isArchive: false,
  };
}

const drawn = (store: NewsStore, model: NewsModel) =>
  renderToString(h(News, { model, store, onShowWaiting: () => {}, onOlder: () => Promise.resolve() }));

test('a report that arrives is marked as new in words until it has been seen, and a correction or an old report is not', () => {
  const model = modelOf([item(2), item(1)]);
  const store = new NewsStore(model);
  expect([...store.view().fresh]).toEqual([]);
  store.setItems([item(3), item(2, { version: 2 }), item(1)]);
  expect([...store.view().fresh]).toEqual(['I3']);
  expect(drawn(store, model).match(/<b class="new">New<\/b>/g)).toHaveLength(1);
  store.setSeen('I3');
  expect([...store.view().fresh]).toEqual([]);
  expect(drawn(store, model)).not.toContain('class="new"');
  store.setItems([item(3, { version: 2 }), item(2), item(1)]);
  expect([...store.view().fresh]).toEqual([]);
});

test('a report that waits counts as new, and one that is withdrawn does not', () => {
  const store = new NewsStore(modelOf([item(1)]));
  store.setAtTop(false);
  store.setItems([item(3), item(2), item(1)]);
  expect([...store.view().fresh]).toEqual(['I3', 'I2']);
  store.setItems([item(3), item(1)]);
  expect([...store.view().fresh]).toEqual(['I3']);
});

test('a page holds 200 reports, and lets older ones leave only while its reader is at the top', () => {
  const down = (from: number, count: number) => Array.from({ length: count }, (_, index) => item(from - index));
  const places = (store: NewsStore) => store.view().items.map(({ place }) => place);
  const store = new NewsStore({ ...modelOf(down(1_000, 20)), next: 981 });
  store.setItems(down(1_300, 320));
  expect(places(store)).toEqual(down(1_300, 200).map(({ place }) => place));
  expect(store.view().next).toBe(1_101);
  store.setAtTop(false);
  store.setItems(down(1_400, 420));
  expect(places(store)).toEqual(down(1_300, 200).map(({ place }) => place));
  store.addOlder(down(1_100, 50), 1_051);
  expect(places(store)).toEqual(down(1_300, 250).map(({ place }) => place));
  expect(store.view().next).toBe(1_051);
  for (let before = 1_051; before > 901; before -= 50) store.addOlder(down(before - 1, 50), before - 50);
  expect(places(store).at(-1)).toBe(901);
  store.addOlder(down(900, 2), null);
  expect([places(store).at(-1), store.view().next]).toEqual([899, null]);
  store.setAtTop(true);
  expect(places(store)).toEqual(down(1_400, 200).map(({ place }) => place));
  expect(store.view().next).toBe(1_201);
});
