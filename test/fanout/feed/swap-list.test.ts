import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SwapList } from '../../../src/fanout/feed/swap-list.ts';

test('a swap list holds what was added and not removed, and every item knows its index', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(7))), (steps) => {
      const items = Array.from({ length: 8 }, () => ({ at: 0 }));
      const list = new SwapList<'at', { at: number }>('at');
      const model = new Set<{ at: number }>();
      for (const [isAdded, index] of steps) {
        const item = items[index];
        if (!item) continue;
        if (isAdded && !model.has(item)) {
          list.add(item);
          model.add(item);
        } else if (!isAdded) expect(list.remove(item)).toBe(model.delete(item));
        expect(new Set(list.items)).toEqual(model);
        expect(list.items.map(({ at }) => at)).toEqual([...list.items.keys()]);
      }
    }),
  );
});
