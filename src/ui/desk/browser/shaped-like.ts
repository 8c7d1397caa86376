import { isRecord } from '../../../protocol/item-parse.ts';

/** What was stored, where it has the shape of what is expected: another version of this page may have stored it. */
export function shapedLike<Shape extends object>(shape: Shape, stored: Readonly<Record<string, unknown>>): Shape {
  const entries = Object.entries(shape).map(([name, value]) => [name, fitting(value, stored[name])]);
  return Object.fromEntries(entries) as Shape;
}

function fitting(expected: unknown, stored: unknown): unknown {
  if (Array.isArray(expected))
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : expected;
  if (isRecord(expected)) return isRecord(stored) ? shapedLike(expected, stored) : expected;
  return typeof stored === typeof expected ? stored : expected;
}
