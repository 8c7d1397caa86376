import { afterEach, expect, test } from 'vitest';
import { feedUrl } from '../../src/client/feed-url.ts';

const address = { url: 'https://news.example/site', edition: 'en', limit: 20 };

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'matchMedia');
});

/** A browser whose first pointer is fine (a mouse) or coarse (a finger). */
function setPointer(pointer: 'fine' | 'coarse'): void {
  const matchMedia = (query: string) => ({ matches: query === `(pointer:${pointer})` });
  Object.defineProperty(globalThis, 'matchMedia', { value: matchMedia, configurable: true });
}

test('BT-4: a desktop and Node ask for the long interval between beats, a phone does not', () => {
  expect(feedUrl(address).search).toBe('?edition=en&limit=20&beat=50');
  setPointer('fine');
  expect(feedUrl(address).search).toBe('?edition=en&limit=20&beat=50');
  setPointer('coarse');
  expect(feedUrl(address).search).toBe('?edition=en&limit=20');
});

test('FL-1: each list of a filter has the parameter of its name', () => {
  setPointer('coarse');
  const filter = { sections: ['a', 'b'], regions: ['c'], topics: ['d'], urgencies: ['flash'] };
  expect(feedUrl({ ...address, filter }).href).toBe(
    'wss://news.example/site/v1/feed?edition=en&section=a&section=b&region=c&topic=d&urgency=flash&limit=20',
  );
  // A filter with more to it, as the query of a page has.
  expect(feedUrl({ ...address, filter: Object.assign({ edition: 'es', limit: 5 }, filter) }).href).toBe(
    feedUrl({ ...address, filter }).href,
  );
});

test('FL-8: the address asks for full fields only if the page wants them', () => {
  setPointer('coarse');
  expect(feedUrl({ ...address, fields: 'full' }).search).toBe('?edition=en&limit=20&fields=full');
});
