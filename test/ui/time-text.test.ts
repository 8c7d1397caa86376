import { expect, test, vi } from 'vitest';
import { absoluteTime, fullTime } from '../../src/ui/news/time-text.ts';

const now = Date.UTC(2026, 10, 24, 12);
const style = { language: 'ar', timeZone: 'Asia/Beirut', numerals: 'arab' };

test('a format is made once for every way to write a time, however many times are written', () => {
  let made = 0;
  class Counted extends Intl.DateTimeFormat {
    constructor(...given: ConstructorParameters<typeof Intl.DateTimeFormat>) {
      super(...given);
      made++;
    }
  }
  vi.stubGlobal('Intl', Object.assign(Object.create(Intl), { DateTimeFormat: Counted }));
  const lines = Array.from({ length: 100 }, (_, n) => [
    absoluteTime(now - n * 3_600_000, now, style),
    fullTime(now - n * 3_600_000, style),
    absoluteTime(now - n * 3_600_000, now, { language: 'en', timeZone: 'UTC' }),
  ]);
  vi.unstubAllGlobals();
  expect(lines[0]).toEqual(['١٤:٠٠', expect.stringContaining('٢٠٢٦'), '12:00']);
  expect(made).toBe(7);
});
