import { describe, expect, test } from 'vitest';
import { graphemes } from '../../../src/ui/desk/composer/graphemes.ts';
import { timesIn } from '../../../src/ui/desk/words/times.ts';
import { wordingOf } from '../../../src/ui/desk/words/words.ts';
import { stringsOf } from '../../../src/ui/strings/strings.ts';

describe('a desk in a browser that does not know', () => {
  test('the desk counts code points in a browser without Intl.Segmenter', () => {
    const { Segmenter } = Intl;
    try {
      Reflect.deleteProperty(Intl, 'Segmenter');
      expect(graphemes('a😀')).toEqual(['a', '😀']);
    } finally {
      Object.assign(Intl, { Segmenter });
    }
  });

  test("the desk writes times in UTC in a browser without the edition's time zone", () => {
    const at = Date.UTC(2026, 2, 1, 10, 5);
    const wording = wordingOf(stringsOf('desk', 'en'), false);
    expect(timesIn('Mars/Olympus', 'UTC', wording).moment(at)).toBe('01/03/2026, 10:05 UTC');
    expect(timesIn('Asia/Tokyo', 'Asia/Seoul', wording).moment(at)).toBe('01/03/2026, 19:05 GMT+9');
  });
});
