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
