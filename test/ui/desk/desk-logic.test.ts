import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparisonText } from '../../../src/item/line/comparison-text.ts';
import { cleanText, headlineLimits } from '../../../src/item/text.ts';
import { momentOf, wallTimeAt } from '../../../src/item/zoned-time.ts';
import { openMemory } from '../../../src/ui/desk/browser/memory.ts';
import { openUnsentStore } from '../../../src/ui/desk/browser/unsent-store.ts';
import { cleanPaste } from '../../../src/ui/desk/composer/clean-paste.ts';
import { RateFuse } from '../../../src/ui/desk/composer/rate-fuse.ts';
import { type KnownLine, warningsOf } from '../../../src/ui/desk/composer/warnings.ts';
import { parseSession } from '../../../src/ui/desk/remote/answers.ts';
import type { Answer, Standing } from '../../../src/ui/desk/remote/desk-api.ts';
import { parsePage } from '../../../src/ui/desk/remote/desk-item.ts';
import { type Sending, send } from '../../../src/ui/desk/remote/outbox.ts';

const now = Date.UTC(2026, 2, 1, 10);
const line = (headline: string, minutesAgo = 5, edition = 'en'): KnownLine => ({
  id: headline,
  edition,
  body: { headline },
  at: now - minutesAgo * 60_000,
});
const typesOf = (headline: string, known: readonly KnownLine[] = [], attribution: string | undefined = 'AFP') =>
  warningsOf(
    { headline, ...(attribution !== undefined && { attribution }) },
    { language: /[a-z]/i.test(headline) ? 'en' : 'ar', known, now },
  ).map(({ type }) => type);

describe('the session', () => {
  test('the session names the templates of an edition that needs a key', () => {
    const vip = { id: 'vip', name: 'Ministers', language: 'de', dir: 'ltr', timeZone: 'UTC', numerals: 'latn' };
    const templates = [{ name: 'Vote', text: '{who} votes', urgency: 'flash' }];
    const read = (given: unknown) =>
      parseSession({ keyEditions: [{ ...vip, templates: given }] }).keyEditions[0]?.templates;
    expect(read(templates)).toEqual(templates);
    expect(read([null, { name: 1, urgency: 'loud' }])).toEqual([{ name: '', text: '' }]);
    expect(read('none')).toBeUndefined();
  });
});

describe('the list', () => {
  test('a list page leaves out an item whose text was purged', () => {
    const item = { edition: 'en', version: 2, state: 'retracted', by: { keyId: 'k', name: 'Ana' }, updatedAt: now };
    const body = {
      edition: 'en',
      language: 'en',
      dir: 'ltr',
      headline: 'One',
      urgency: 'urgent',
      sections: [],
      regions: [],
      topics: [],
    };
    const translation = { id: 'A', edition: 'ar', version: 2, state: 'retracted', of: null };
    const items = [
      { ...item, id: 'A', body: null, purgedAt: now },
      { ...item, id: 'B', body, purgedAt: null, original: translation, translations: [] },
    ];
    expect(parsePage({ now, items }).items).toMatchObject([{ id: 'B', original: { id: 'A', state: 'retracted' } }]);
  });
});

describe('a warning', () => {
  test('a line that repeats another one of the last hour, in any edition, has a warning', () => {
    const known = [line("France's new PM resigns hours after unveiling cabinet", 59, 'es'), line('Storm nears Manila')];
    expect(
      warningsOf(
        { headline: "France's PM resigns, hours after unveiling his new cabinet", attribution: 'AFP' },
        { language: 'en', known, now },
      ),
    ).toEqual([
      {
        type: 'duplicate',
        line: "France's new PM resigns hours after unveiling cabinet",
        edition: 'es',
        minutesAgo: 59,
      },
    ]);
    expect(typesOf('Storm nears Taiwan, thousands told to leave the coast', known)).toEqual([]);
    expect(typesOf('Storm nears Manila', [line('Storm nears Manila', 61)])).toEqual([]);
  });

  test('the warning recognizes an Arabic line in another spelling', () => {
    const known = [line('استقالة رئيس الوزراء الفرنسي بعد ساعات من إعلان الحكومة', 3, 'ar')];
    expect(typesOf('إستقالة رئيسُ الوزراء الفرنسى بعد ساعـــات من اعلان الحكومه', known)).toEqual(['duplicate']);
    expect(comparisonText('أُعلنَ فى ١٢ آب')).toBe(comparisonText('اعلن في 12 اب'));
  });

  test('test words have a warning as whole words, not within other words', () => {
    expect(typesOf('TEST: missile warning for Hawaii')).toEqual(['test word']);
    expect(typesOf('Push sucks! Pull blows! testing')).toEqual(['test word']);
    expect(typesOf('DO NOT PUB Kirk Douglas dies')).toEqual(['test word']);
    expect(typesOf('هذا اختبار لنظام الإنذار')).toEqual(['test word']);
    expect(typesOf('Esto es una prueba del sistema')).toEqual(['test word']);
    expect(typesOf('Protests in Madrid; contestants greatest ever')).toEqual([]);
  });

  test('a slot that a template left open has a warning', () => {
    expect(typesOf('Missiles fired at [PLACE], officials say')).toEqual(['unfilled']);
    expect(typesOf('Sirens in {place}')).toEqual(['unfilled']);
    expect(typesOf('XX people hurt in fire')).toEqual(['unfilled']);
  });

  test('a line without a source and a line that a narrow screen cuts have a warning', () => {
    expect(typesOf('Parliament votes tonight', [], undefined)).toEqual([]);
    const english = { language: 'en', known: [], now };
    expect(warningsOf({ headline: 'Parliament votes tonight' }, english)).toEqual([{ type: 'unsourced' }]);
    expect(typesOf('x'.repeat(91))).toEqual(['too long']);
    expect(typesOf('x'.repeat(90))).toEqual([]);
  });

  test('a warning is given for a line in the script of another edition', () => {
    const inEnglish = (headline: string) =>
      warningsOf({ headline, attribution: 'AFP' }, { language: 'en', known: [], now }).map(({ type }) => type);
    expect(inEnglish('استقالة رئيس الوزراء الفرنسي')).toEqual(['wrong script']);
    expect(inEnglish('Parliament votes, says قناة tonight')).toEqual([]);
  });
});

describe('a paste', () => {
  test('pasted text becomes one line, with a count of its invisible characters', () => {
    expect(cleanPaste('\uFEFF Two\u200B lines\r\nof\u00A0text \u202Ehere')).toEqual({
      text: ' Two lines of text here',
      invisible: 3,
    });
    expect(cleanPaste('plain')).toEqual({ text: 'plain', invisible: 0 });
  });

  test('pasted text keeps the marks that its script needs', () => {
    const persian = 'می\u200Cروم \u200Fالآن';
    expect(cleanPaste(persian)).toEqual({ text: persian, invisible: 0 });
    expect(cleanPaste('family 👨\u200D👩\u200D👧')).toEqual({ text: 'family 👨\u200D👩\u200D👧', invisible: 0 });
  });

  test('cleaned pasted text is never refused for an invisible character', () => {
    const odd = fc.constantFrom(
      '\u202E',
      '\u2066',
      '\u0000',
      '\uFEFF',
      '\u00AD',
      '\u2028',
      '\uD800',
      '\n',
      'a',
      'ا',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 30 }), (parts) => {
        const { text } = cleanPaste(parts.join(''));
        const result = cleanText(text, headlineLimits);
        if (text.trim() !== '') expect(result).toMatchObject({ ok: true });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a time on the wall of an edition', () => {
  test('a wall time is the moment at which its time zone shows it', () => {
    expect(momentOf('2026-03-01T09:30', 'Asia/Qatar')).toBe(Date.UTC(2026, 2, 1, 6, 30));
    expect(momentOf('2026-07-01T00:00', 'Europe/Madrid')).toBe(Date.UTC(2026, 5, 30, 22));
    expect(wallTimeAt(Date.UTC(2026, 5, 30, 22), 'Europe/Madrid')).toBe('2026-07-01T00:00');
    expect(momentOf('', 'UTC')).toBeNull();
  });

  test('a wall time that occurs twice is the first one, and one that is skipped is after the change', () => {
    expect(momentOf('2026-10-25T02:30', 'Europe/Madrid')).toBe(Date.UTC(2026, 9, 25, 0, 30));
    expect(momentOf('2026-03-29T02:30', 'Europe/Madrid')).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });

  test('a wall time returns as it was typed, in any time zone and hour', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Madrid',
      'Asia/Kolkata',
      'America/New_York',
      'Pacific/Apia',
      'Asia/Qatar',
    );
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 4_000_000 }), (zone, half) => {
        const ms = half * 1_800_000;
        const wall = wallTimeAt(ms, zone);
        expect(wallTimeAt(momentOf(wall, zone) ?? 0, zone)).toBe(wall);
      }),
    );
  });
});

describe('the fuse', () => {
  test('the fuse blows at twelve lines in a minute, and an editor can reset it', () => {
    let time = 0;
    const fuse = new RateFuse(() => time);
    for (let count = 0; count < 11; count++) fuse.sent();
    expect(fuse.blownAt).toBeNull();
    fuse.sent();
    expect(fuse.blownAt).toBe(12);
    time = 60_000;
    expect(fuse.blownAt).toBeNull();
    for (let count = 0; count < 12; count++) fuse.sent();
    fuse.mend();
    expect(fuse.blownAt).toBeNull();
  });
});

describe('sending', () => {
  const fields = { edition: 'en', headline: 'x', urgency: 'urgent', sections: [], regions: [], topics: [] } as const;
  const sending: Sending = { key: 'k', fields, asDraft: false, at: 0, firstAt: 0 };
  const problem = (status: number): Answer<Standing> => ({
    type: 'problem',
    problem: { status, type: '', title: '', detail: '', errors: [] },
  });
  const ok: Answer<Standing> = { type: 'ok', value: { id: '01A', state: 'published', version: 1 } };

  function world(answers: readonly Answer<Standing>[], tookMs = 0) {
    let time = 0;
    const sentAt: number[] = [];
    return {
      sentAt,
      publish: async () => {
        sentAt.push(time);
        time += tookMs;
        return answers[sentAt.length - 1] ?? problem(0);
      },
      now: () => time,
      wait: async (ms: number) => {
        time += ms;
      },
    };
  }

  test('sending retries automatically until the server answers', async () => {
    const outage = world([problem(0), problem(503), problem(504), ok]);
    expect(await send(outage, sending)).toEqual(ok);
    expect(outage.sentAt).toEqual([0, 2_000, 4_000, 6_000]);
  });

  test('sending does not retry a refused line', async () => {
    const refusing = world([problem(422)]);
    expect(await send(refusing, sending)).toEqual(problem(422));
    expect(refusing.sentAt).toHaveLength(1);
  });

  test('sending gives up after 30 s at most, and the line waits for the editor', async () => {
    const unreachable = world([]);
    expect(await send(unreachable, sending)).toMatchObject({ type: 'unsent', unsent: { key: 'k', gaveUpAt: 30_000 } });
    expect(unreachable.sentAt.at(-1)).toBeLessThanOrEqual(30_000);
    const slow = world([], 15_000);
    expect(await send(slow, sending)).toMatchObject({ type: 'unsent' });
    expect(slow.sentAt).toHaveLength(2);
  });
});

describe('what the browser keeps', () => {
  const storage = () => {
    const values = new Map<string, string>();
    return {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    };
  };

  test('the browser stores the text in the box and the unsent lines, per person, edition and store', () => {
    const kept = { shared: storage(), own: storage() };
    const fields = { edition: 'en', headline: 'x', urgency: 'urgent', sections: [], regions: [], topics: [] } as const;
    const unsent = { key: 'k', fields, asDraft: false, at: 1, firstAt: 1, gaveUpAt: 2 };
    const nour = { keyId: 'nour', edition: 'en', isTest: false };
    openUnsentStore(kept, nour).keepBox({ line: 'half a line' });
    openUnsentStore(kept, nour).keep(unsent);
    expect(openUnsentStore(kept, nour)).toMatchObject({ box: { line: 'half a line' }, unsent: [unsent] });
    for (const other of [{ edition: 'ar' }, { isTest: true }, { keyId: 'luz' }])
      expect(openUnsentStore(kept, { ...nour, ...other })).toMatchObject({ box: undefined, unsent: [] });
    openUnsentStore(kept, nour).drop('k');
    expect(openUnsentStore(kept, nour).unsent).toEqual([]);
  });

  test('the browser stores the most used values, and the desk works where storage fails', () => {
    const kept = storage();
    const memory = openMemory(kept, 'en');
    for (const attribution of ['AFP', 'Reuters', 'Reuters', undefined])
      memory.remember({ attribution, sections: ['politics'], regions: [], topics: [] });
    expect(openMemory(kept, 'en')).toMatchObject({
      attributions: ['Reuters', 'AFP'],
      defaults: { sections: ['politics'] },
    });
    kept.setItem('flashwire-desk-memory-en', '{"attributions":7,"sections":{}}');
    expect(openMemory(kept, 'en')).toMatchObject({ attributions: [], defaults: { sections: [] } });
    const full = {
      getItem: () => 'no JSON',
      setItem: () => {
        throw new Error('full');
      },
    };
    openMemory(full, 'en').remember({ sections: [], regions: [], topics: [] });
    expect(openMemory(null, 'en').attributions).toEqual([]);
  });
});
