import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PublicItem, UsableItem } from '../../../src/item/item.ts';
import { arrange, dismiss, othersOf, readingMs, type Scene, type Stage, turn } from '../../../src/ui/ticker/stage.ts';
import { itemAt } from '../../client/frames.ts';

const noon = Date.parse('2026-03-01T12:00:00Z');
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const empty: Stage = { shown: [], waiting: [], dismissed: {} };

/** A line published `minutes` after noon. */
const line = (place: number, minutes = 0, more: Partial<UsableItem> = {}): UsableItem =>
  itemAt(place, { publishedAt: new Date(noon + minutes * minuteMs).toISOString(), ...more });
const flash = (place: number, minutes = 0) => line(place, minutes, { urgency: 'flash' });
const corrected = (item: UsableItem, at: string): UsableItem => ({
  ...item,
  version: item.version + 1,
  correction: { kind: 'corrected', note: 'Put right.', at },
});
const withdrawn = ({ id, version, place, edition, language, dir, updatedAt }: PublicItem): PublicItem => ({
  ...{ id, version: version + 1, place, edition, language, dir, updatedAt },
  status: 'retracted',
  notice: 'A line was withdrawn.',
});

function sceneOf(items: readonly PublicItem[], more: Partial<Scene> = {}): Scene {
  return { items, isHeld: false, limit: 10, maxAgeMs: 6 * hourMs, flashMs: 10 * minuteMs, ...more };
}

/** A ticker without a screen: its scene changes, and its stage follows. */
class Model {
  stage = empty;
  scene: Scene;
  now = noon;

  constructor(items: readonly PublicItem[], more: Partial<Scene> = {}) {
    this.scene = sceneOf(items, more);
    this.set({});
  }

  set(change: Partial<Scene>): this {
    this.scene = { ...this.scene, ...change };
    this.stage = arrange(this.stage, this.scene, this.now);
    return this;
  }

  wait(minutes: number): this {
    this.now += minutes * minuteMs;
    return this.set({});
  }

  dismiss(id: string): this {
    this.stage = dismiss(this.stage, id);
    return this.set({});
  }

  look() {
    const { shown, top, current, waiting } = this.stage;
    return { shown: shown.map(({ id }) => id), top, current, waiting: waiting.map(({ id }) => id) };
  }
}

describe('a stage that is not held', () => {
  test('a new line becomes the current one at once', () => {
    const model = new Model([line(2), line(1)]);
    expect(model.stage.current).toBe('item-2');
    expect(model.set({ items: [line(3), line(2), line(1)] }).stage.current).toBe('item-3');
  });

  test('the newest flash stays on top for ten minutes, and an update does not take its place (E6)', () => {
    const model = new Model([line(1)]).set({ items: [flash(2), line(1)] });
    expect(model.look()).toMatchObject({ top: 'item-2', current: 'item-1' });
    model.set({ items: [line(3, 1), flash(2), line(1)] });
    expect(model.look()).toMatchObject({ top: 'item-2', current: 'item-3' });
    expect(turn(model.stage, 1).current).toBe('item-1');
    expect(turn(turn(model.stage, 1), 1).current).toBe('item-3');
    model.wait(10);
    expect(model.look()).toMatchObject({ top: undefined, current: 'item-3' });
  });

  test('a newer flash takes the top, and the one before rotates below it', () => {
    const model = new Model([flash(1)]);
    expect(model.look()).toMatchObject({ top: 'item-1', current: undefined });
    model.set({ items: [flash(2), flash(1)] });
    expect(model.look()).toMatchObject({ top: 'item-2', current: 'item-1' });
  });

  test('a line leaves at the age that the edition sets, and nothing is left then (E7)', () => {
    const model = new Model([line(2, 0), line(1, -60)]);
    expect(model.wait(299).look().shown).toEqual(['item-2', 'item-1']);
    expect(model.wait(1).look()).toMatchObject({ shown: ['item-2'], current: 'item-2' });
    expect(model.wait(60).look()).toMatchObject({ shown: [], current: undefined });
  });

  test('a line with an invalid time is shown', () => {
    expect(new Model([line(1, 0, { publishedAt: 'yesterday' })]).look().shown).toEqual(['item-1']);
  });

  test('previous and next go around', () => {
    let { stage } = new Model([line(3), line(2), line(1)]);
    const ids = [1, 1, 1, -1, -1].map((by) => {
      stage = turn(stage, by);
      return stage.current;
    });
    expect(ids).toEqual(['item-2', 'item-1', 'item-3', 'item-1', 'item-2']);
    expect(turn(empty, 1).current).toBeUndefined();
  });
});

describe('a stage that is held', () => {
  test('new lines wait while a line is read, and all are there when the hold ends (E4)', () => {
    const model = new Model([line(2), line(1)], { isHeld: true });
    expect(model.look()).toMatchObject({ shown: ['item-2', 'item-1'], waiting: [] });
    model.set({ items: [flash(4), line(3), line(2), line(1)] });
    expect(model.look()).toEqual({
      shown: ['item-2', 'item-1'],
      top: undefined,
      current: 'item-2',
      waiting: ['item-4', 'item-3'],
    });
    expect(model.set({ isHeld: false }).look()).toMatchObject({ top: 'item-4', current: 'item-3', waiting: [] });
  });

  test('a flash that waited too long for the top is the first line to be shown', () => {
    const model = new Model([line(1)], { isHeld: true }).set({ items: [flash(2), line(1)] }).wait(11);
    model.set({ items: [line(3, 11), flash(2), line(1)] });
    expect(model.set({ isHeld: false }).look()).toMatchObject({ top: undefined, current: 'item-2' });
  });

  test('a line that is held still leaves at once, and changes in place', () => {
    const model = new Model([line(3), line(2), line(1)], { isHeld: true });
    const better = corrected(line(3), '2026-03-01T12:01:00Z');
    expect(model.set({ items: [better, line(2), line(1)] }).stage.shown[0]).toEqual(better);
    expect(model.set({ items: [line(4), line(2), line(1)] }).look()).toEqual({
      shown: ['item-2', 'item-1'],
      top: undefined,
      current: 'item-2',
      waiting: ['item-4'],
    });
    const gone = withdrawn(line(2));
    model.set({ items: [line(4), gone, line(1)] });
    expect(model.look()).toMatchObject({ shown: ['item-2', 'item-1'], current: 'item-2' });
    expect(model.stage.shown[0]).toEqual(gone);
  });

  test('the end of its ten minutes moves no flash while a line is read', () => {
    const model = new Model([flash(2), line(1)]).set({ isHeld: true }).wait(30);
    expect(model.stage.top).toBe('item-2');
    expect(model.set({ isHeld: false }).stage.top).toBeUndefined();
  });

  test('nothing waits when nothing is left to be read', () => {
    const model = new Model([line(1)], { isHeld: true }).set({ items: [line(2), line(1)] });
    expect(model.set({ items: [line(2)] }).look()).toMatchObject({ shown: ['item-2'], waiting: [] });
  });

  test('an older line that takes the last place is no new line', () => {
    const model = new Model([line(3), line(2), line(1)], { isHeld: true, limit: 2 });
    expect(model.set({ items: [line(3), line(1)] }).look()).toMatchObject({ shown: ['item-3', 'item-1'], waiting: [] });
  });
});

describe('a line that was dismissed', () => {
  test('a dismissed line stays away, and the next one is shown', () => {
    const model = new Model([flash(3), line(2), line(1)]).dismiss('item-2');
    expect(model.look()).toMatchObject({ shown: ['item-3', 'item-1'], current: 'item-1' });
    expect(model.dismiss('item-3').look()).toMatchObject({ shown: ['item-1'], top: undefined });
    const refile = { ...line(2), version: 2, correction: { kind: 'refile', at: '2026-03-01T12:01:00Z' } } as const;
    expect(model.set({ items: [refile, line(1)] }).look().shown).toEqual(['item-1']);
    expect(model.set({ items: [withdrawn(line(2)), line(1)] }).look().shown).toEqual(['item-1']);
  });

  test('a dismissed line returns with a correction, and stays then', () => {
    const model = new Model([line(2), line(1)]).dismiss('item-1');
    const better = corrected(line(1), '2026-03-01T12:01:00Z');
    expect(model.set({ items: [line(2), better] }).look().shown).toEqual(['item-2', 'item-1']);
    const refile = { ...better, version: 3, correction: { kind: 'refile', at: '2026-03-01T12:02:00Z' } } as const;
    expect(model.set({ items: [line(2), refile] }).look().shown).toEqual(['item-2', 'item-1']);
    model.set({ items: [line(2), better] }).dismiss('item-1');
    expect(model.set({ items: [line(2), better] }).look().shown).toEqual(['item-2']);
    expect(model.set({ items: [line(2), corrected(better, '2026-03-01T12:03:00Z')] }).look().shown).toContain('item-1');
  });
});

describe('the time of a line', () => {
  test('a line is shown for 2 s and 60 ms a character, at least 6 s (E5)', () => {
    expect(readingMs(line(1))).toBe(6_000);
    expect(readingMs(line(1, 0, { attribution: 'AFP', headline: 'a'.repeat(306) }))).toBe(2_000 + 60 * 311);
    expect(readingMs(line(1, 0, { attribution: 'AFP', headline: '🌍'.repeat(100) }))).toBe(2_000 + 60 * 105);
    expect(readingMs(withdrawn(line(1)))).toBe(6_000);
    expect(readingMs(undefined)).toBe(6_000);
  });
});

/** What may happen to a ticker, with a number to choose the line by. */
const event = fc.record({
  type: fc.constantFrom('new', 'flash', 'correct', 'retract', 'remove', 'dismiss', 'hold', 'release', 'wait', 'turn'),
  which: fc.nat(30),
});

function happen(model: Model, { type, which }: { readonly type: string; readonly which: number }): void {
  const { items } = model.scene;
  const place = (items[0]?.place ?? 0) + 1;
  const chosen = items[which % Math.max(1, items.length)];
  const put = (item: PublicItem) => items.map((other) => (other.id === item.id ? item : other));
  const minutes = (model.now - noon) / minuteMs;
  if (type === 'new') model.set({ items: [line(place, minutes), ...items] });
  else if (type === 'flash') model.set({ items: [flash(place, minutes), ...items] });
  else if (type === 'hold' || type === 'release') model.set({ isHeld: type === 'hold' });
  else if (type === 'wait') model.wait(which * which);
  else if (type === 'turn') model.stage = turn(model.stage, which % 2 ? 1 : -1);
  else if (!chosen) return;
  else if (type === 'dismiss') model.dismiss(chosen.id);
  else if (type === 'remove') model.set({ items: items.filter((item) => item !== chosen) });
  else if (type === 'retract') model.set({ items: put(withdrawn(chosen)) });
  else if (chosen.status === 'usable') model.set({ items: put(corrected(chosen, new Date(model.now).toISOString())) });
}

test('whatever happens, a held stage moves nothing, and no stage shows what has to be away', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (events, limit) => {
      const model = new Model([], { limit });
      for (const what of events) {
        const before = model.stage;
        happen(model, what);
        const { shown, top, current, waiting, dismissed } = model.stage;
        const has = (id: string | undefined) => shown.some((item) => item.id === id);
        expect(shown.length).toBeLessThanOrEqual(limit);
        expect(shown.map(({ place }) => place)).toEqual(shown.map(({ place }) => place).sort((a, b) => b - a));
        for (const item of shown) {
          expect(model.scene.items).toContain(item);
          expect(Object.keys(dismissed)).not.toContain(item.id);
          if (item.status === 'usable') expect(model.now - Date.parse(item.publishedAt)).toBeLessThan(6 * hourMs);
        }
        if (top !== undefined) expect(has(top)).toBe(true);
        if (othersOf(model.stage).length > 0) expect(has(current) && current !== top).toBe(true);
        else expect(current).toBeUndefined();
        const kept = before.shown.filter(({ id }) => has(id)).map(({ id }) => id);
        if (model.scene.isHeld && kept.length > 0) {
          expect(shown.slice(0, kept.length).map(({ id }) => id)).toEqual(kept);
          if (has(before.top)) expect(top).toBe(before.top);
          else expect(top).toBeUndefined();
          if (what.type !== 'turn' && has(before.current)) expect(current).toBe(before.current);
        }
        if (!model.scene.isHeld) expect(waiting).toEqual([]);
      }
    }),
    { numRuns: 300 },
  );
});
