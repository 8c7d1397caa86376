import { expect, test } from 'vitest';
import { axeViolations } from '../axe.ts';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const id = '01M852QEH281X1WTP23FQPMEGN';
const body = { language: 'en', dir: 'ltr', attribution: 'AFP', headline: 'The bridge opens tonight' };
const by = { keyId: '0a1b2c3d4e', name: 'Luz Pardo' };
const at = '2026-03-01T10:05:09.000Z';
const ofItem = { ...by, at, edition: 'en', itemId: id, version: 2 };

const events = [
  { ...ofItem, action: 'retract', detail: 'Not confirmed', item: { state: 'retracted', publishedVersion: 2, body } },
  { ...ofItem, action: 'edit', item: { state: 'retracted', publishedVersion: 2, body } },
  { ...ofItem, action: 'purge', version: 1, item: { state: 'retracted', publishedVersion: null, body: null } },
  { ...by, at, action: 'create-key', detail: 'ffff000011 editor Sam Okafor' },
  { ...by, at, action: 'revoke-key', detail: 'ffff000011' },
  { ...by, at, action: 'end-session', detail: 'ffff000011 editor Sam Okafor' },
  { ...by, at, action: 'sign-in' },
  { ...by, at, action: 'stop', detail: 'A hoax' },
  { ...by, at, action: 'of a later version', detail: 'x' },
];

/** A desk whose audit trail has these events; `asked` are the addresses that the page has read. */
function auditDesk(found: (query: URLSearchParams) => object = () => ({ events })) {
  const desk = new FakeDesk();
  const asked: string[] = [];
  desk.read = (path) => {
    if (!path.startsWith('/v1/audit')) return null;
    asked.push(path);
    return found(new URL(path, 'http://desk').searchParams);
  };
  return { desk, asked };
}

const plain = (text: string | null) => text?.replace(/[\u2066-\u2069]/g, '');

async function openAudit(desk: FakeDesk, options: Parameters<typeof pages.open>[1] = {}, hash = '#audit') {
  const open = await pages.open(desk, { timezoneId: 'Asia/Beirut', ...options });
  await open.page.evaluate((address) => {
    location.hash = address;
  }, hash);
  await open.page.locator('.audit .event, .audit .empty').first().waitFor();
  return open;
}

test('every event is a sentence with the line, the names and the time with its zone', async () => {
  const { desk, asked } = auditDesk();
  await using open = await openAudit(desk);
  const rows = open.page.locator('.audit .event');
  const said = await rows.locator('.what').allTextContents();
  expect(said.map(plain)).toEqual([
    'Luz Pardo retracted a line of English',
    'Luz Pardo changed a line of English (version 2)',
    'Luz Pardo erased the texts of a line of English',
    'Luz Pardo created a key for Sam Okafor (editor)',
    'Luz Pardo revoked the key of ffff000011',
    'Luz Pardo ended a session of Sam Okafor',
    'Luz Pardo signed in',
    'Luz Pardo pulled STOP',
    'Luz Pardo: of a later version',
  ]);
  const first = rows.first();
  expect(await first.locator('.text').textContent()).toBe('AFP: The bridge opens tonight');
  expect(plain(await first.locator('.detail').textContent())).toBe('Reason: Not confirmed');
  expect(await first.locator('time').textContent()).toMatch(/12:05:09.*(GMT\+2|EET)/);
  expect(await rows.nth(2).locator('.text').count()).toBe(0);
  expect(await rows.nth(2).textContent()).toContain('The text is erased or no longer kept.');
  expect(await open.page.locator('.audit').textContent()).not.toContain(by.keyId);
  expect(asked).toEqual(['/v1/audit?with=item']);
  expect(open.faults).toEqual([]);
});

test('filters by person, day and line are in the address, ask the API, and can be taken away', async () => {
  const { desk, asked } = auditDesk();
  await using open = await openAudit(desk);
  const { page } = open;
  await page.locator('.audit [name=person]').fill('Luz');
  await page.locator('.audit [name=day]').fill('2026-03-01');
  await page.locator('.audit form button[type=submit]').click();
  await poll(() => new URL(page.url()).hash).toBe('#audit?person=Luz&day=2026-03-01');
  await poll(() => asked.at(-1)).toBe('/v1/audit?with=item&person=Luz&day=2026-03-01&zone=Asia%2FBeirut');
  await page.locator('.audit .event').first().getByRole('link', { name: 'Only this line' }).click();
  await poll(() => asked.at(-1)).toBe(`/v1/audit?with=item&item=${id}`);
  const csv = await page.locator('.audit a[download]').getAttribute('href');
  expect(csv).toBe(`/v1/audit?format=csv&item=${id}`);
  await page.getByRole('link', { name: 'Show everything' }).click();
  await poll(() => asked.at(-1)).toBe('/v1/audit?with=item');
  await page.reload();
  await page.locator('.audit .event').first().waitFor();
  expect(open.faults).toEqual([]);
});

test('a page under a filter that found nothing yet says how far back it looked, and goes on', async () => {
  const next = Date.parse('2026-02-01T10:00:00Z');
  const { desk, asked } = auditDesk((query) => (query.get('before') ? { events } : { events: [], next }));
  await using open = await openAudit(desk, {}, '#audit?person=Luz');
  const { page } = open;
  expect(await page.locator('.audit .empty').textContent()).toMatch(/^Nothing found back to Feb 1, 2026, 12:00/);
  await page.getByRole('button', { name: 'Older' }).click();
  await poll(() => page.locator('.audit .event').count()).toBe(events.length);
  expect(asked.at(-1)).toBe(`/v1/audit?with=item&person=Luz&before=${next}`);
});

test('an event links to the line in the list, page after page, and to its public page', async () => {
  const { desk } = auditDesk();
  const far = deskItem(id, 'published', { headline: 'The bridge opens tonight' });
  const list = desk.read;
  desk.read = (path) => {
    if (!path.startsWith('/v1/items?')) return list(path);
    const { searchParams } = new URL(path, 'http://desk');
    return { items: searchParams.get('before') === '1_01B' ? [far] : [], now: Date.now() };
  };
  desk.items = [deskItem('01B', 'published', { headline: 'Newer' })];
  desk.next = '1_01B';
  await using open = await openAudit(desk);
  const { page } = open;
  const event = page.locator('.audit .event').first();
  expect(await event.getByRole('link', { name: 'Public page' }).getAttribute('href')).toBe(`/item/${id}`);
  expect(await page.locator('.audit .event').nth(2).getByRole('link', { name: 'Public page' }).count()).toBe(0);
  await event.getByRole('link', { name: 'In the list' }).click();
  await poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe(id);
});

test('an open correction survives a look at the audit trail', async () => {
  const { desk } = auditDesk();
  desk.items = [deskItem('01B', 'published', { headline: 'Ten minutes' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01B"] button.correct').click();
  await page.locator('[data-id="01B"] textarea').fill('Eleven min');
  await page.evaluate(() => {
    location.hash = '#audit';
  });
  await page.locator('.audit .event').first().waitFor();
  expect(await page.locator('[data-id="01B"]').isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Back to the desk' }).first().click();
  expect(await page.locator('[data-id="01B"] textarea').inputValue()).toBe('Eleven min');
});

test.each(['en', 'ar', 'es'])(
  'the audit page has no violation that axe finds, and fits 320 px, in %s',
  async (locale) => {
    const { desk } = auditDesk();
    await using open = await openAudit(desk, { locale, viewport: { width: 320, height: 700 } }, `#audit?item=${id}`);
    const { page } = open;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page), colorScheme).toEqual([]);
    }
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('.audit *')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
        .map((one) => one.className || one.tagName),
    );
    expect(wide).toEqual([]);
  },
);
