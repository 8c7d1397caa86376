import { describe, expect, test } from 'vitest';
import { parseFrame } from '../../../src/protocol/frame-parse.ts';
import { Announcer } from '../../../src/ui/news/announcer.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';
import { FakeClock } from '../../client/fake-clock.ts';
import { itemAt, itemFrame, removal, snapshot } from '../../client/frames.ts';

function listen() {
  const clock = new FakeClock();
  const heard: string[] = [];
  const announcer = new Announcer(clock, stringsOf('ticker', 'en'), (text) => heard.push(text));
  const hear = (value: object) => {
    const frame = parseFrame(JSON.stringify(value));
    if (frame) announcer.hear(frame);
  };
  return { clock, heard, hear };
}

describe('the announcer', () => {
  test('the announcer speaks new and corrected items, at most one every 4 s', () => {
    const { clock, heard, hear } = listen();
    hear(snapshot(1, [itemAt(1)]));
    hear(itemFrame(2, 1));
    clock.advance(0);
    hear(itemFrame(3, 2));
    hear(itemFrame(4, 3, itemAt(1, { version: 2, headline: 'Put right' }), 'corrected'));
    hear(itemFrame(5, 4, itemAt(1, { version: 3 }), 'attached'));
    clock.advance(3_999);
    expect(heard).toEqual(['Urgent: Agency: Headline number 2']);
    clock.advance(1);
    expect(heard.at(-1)).toBe('Urgent: Agency: Headline number 3');
  });

  test('the announcer clears a withdrawn item at once, and speaks its notice', () => {
    const { clock, heard, hear } = listen();
    hear(itemFrame(2, 1));
    clock.advance(0);
    hear(itemFrame(3, 2));
    hear(removal(4, 3, 'item-2', 2));
    hear(removal(5, 4, 'item-3', 2, { notice: 'A line was withdrawn.' }));
    expect(heard.at(-1)).toBe('');
    clock.advance(4_000);
    expect(heard.at(-1)).toBe('Withdrawn: A line was withdrawn.');
  });
});
