import { expect, test } from 'vitest';
import { axeViolations } from '../axe.ts';
import { FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const now = Date.parse('2026-03-01T10:05:00Z');
const roles = [
  { role: 'reporter', may: [] },
  { role: 'editor', may: ['publish'] },
  { role: 'admin', may: ['publish', 'manage'] },
];
const created = '2026-01-01T00:00:00.000Z';
const keys = [
  {
    keyId: 'luz01',
    name: 'Luz Pardo',
    role: 'editor',
    editions: ['ar'],
    createdAt: created,
    lastUsedAt: '2026-03-01T10:04:00.000Z',
    expiresAt: '2026-12-31T22:00:00.000Z',
  },
  { keyId: 'fw_good_nour', name: 'Nour Haddad', role: 'admin', createdAt: created, lastUsedAt: null },
  { keyId: 'sam01', name: 'Sam Okafor', role: 'chief of a later version', createdAt: created },
  { keyId: 'gone1', name: 'Old Desk', role: 'reporter', createdAt: created, revokedAt: '2026-02-01T10:00:00.000Z' },
];
const session = (id: string, keyId: string, name: string, more: object = {}) => ({
  ...{ id, keyId, name, role: 'editor', isCurrent: false, browser: 'Firefox · Linux' },
  ...{ startedAt: '2026-03-01T08:00:00.000Z', lastSeenAt: '2026-03-01T10:04:30.000Z' },
  ...more,
});

function peopleDesk(more: { may?: string[] } = {}) {
  const desk = new FakeDesk();
  desk.who = {
    keyId: 'fw_good_nour',
    name: 'Nour Haddad',
    role: 'admin',
    editions: undefined,
    may: more.may ?? ['publish', 'manage'],
  };
  let sessions = [
    session('s1', 'luz01', 'Luz Pardo'),
    session('s2', 'luz01', 'Luz Pardo', { lastSeenAt: '2026-03-01T09:00:00.000Z', browser: undefined }),
    session('s3', 'fw_good_nour', 'Nour Haddad', { isCurrent: true }),
    session('s4', 'boot', 'Bootstrap key', { startedAt: undefined, lastSeenAt: undefined }),
  ];
  desk.read = (path) => {
    if (path === '/v1/keys') return { keys, roles };
    return path === '/v1/sessions' ? { now, sessions } : null;
  };
  const token = `fw_new01_${'s'.repeat(43)}`;
  desk.answer = ({ method, path }) => {
    if (method === 'POST' && path === '/v1/keys') return { status: 201, body: { keyId: 'new01', token } };
    sessions = sessions.filter(({ id, keyId }) => !path.endsWith(`/${id}`) && !path.endsWith(`/${keyId}`));
    return { status: 204 };
  };
  return { desk, token };
}

async function openPeople(desk: FakeDesk, options: Parameters<typeof pages.open>[1] = {}) {
  const open = await pages.open(desk, { timezoneId: 'Asia/Beirut', ...options });
  await open.page.locator('.menu summary').click();
  await open.page.locator('.menu a[href="#people"]').click();
  await open.page.locator('.people .key').first().waitFor();
  return open;
}

const plain = (text: string | null) => text?.replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ');

test('an admin sees who may do what where, the last use and the expiry', async () => {
  const { desk } = peopleDesk();
  await using open = await openPeople(desk);
  const { page } = open;
  const row = async (id: string) => plain(await page.locator(`.people [data-key="${id}"]`).textContent());
  expect(await row('luz01')).toMatch(
    /Luz Pardo.*Editor: writes drafts.*publishes, corrects, hides and retracts.*العربية/i,
  );
  expect(await row('luz01')).toMatch(/Last used: Mar 1, 2026, 12:04.*Expires: Jan 1, 2027, 00:00.*Open sessions: 2/);
  expect(await row('fw_good_nour')).toMatch(/manages people and keys.*All editions.*Never used.*Does not expire/);
  expect(await row('sam01')).toMatch(/chief of a later version.*Last use unknown/);
  expect(await page.locator('.people .keys > [data-key="gone1"]').isVisible()).toBe(false);
  await page.locator('.people summary').click();
  expect(await row('gone1')).toMatch(/Old Desk.*Revoked: Feb 1, 2026, 12:00/);
  expect(await page.locator('[data-key="gone1"] button.revoke').count()).toBe(0);
  expect(open.faults).toEqual([]);
});

test('a new key is shown once, with a copy button and a sign-in link, and only keyboard is needed', async () => {
  const { desk, token } = peopleDesk();
  await using open = await openPeople(desk, { permissions: ['clipboard-read', 'clipboard-write'] });
  const { page, url } = open;
  await page.locator('.new-key [name=name]').focus();
  await page.keyboard.type('Ana Prueba');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.locator('.new-key [name=all]').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.locator('.new-key [name=until]').fill('2026-12-31');
  await page.locator('.new-key button[type=submit]').focus();
  await page.keyboard.press('Enter');
  const once = page.locator('.once');
  await once.waitFor();
  expect(desk.requests.at(-1)?.body).toEqual({
    name: 'Ana Prueba',
    role: 'editor',
    editions: ['en'],
    expiresAt: '2026-12-31T22:00:00.000Z',
  });
  expect(await once.textContent()).toContain('only now');
  expect(await once.locator('[name=token]').inputValue()).toBe(token);
  expect(await once.locator('[name=link]').inputValue()).toBe(`${url}/desk#key=${token}`);
  expect(await page.evaluate(() => document.activeElement?.closest('.once') !== null)).toBe(true);
  await once.getByRole('button', { name: 'Copy the key' }).press('Enter');
  await poll(() => once.locator('[role=status]').textContent()).toBe('Copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  await once.getByRole('button', { name: 'I have it' }).press('Enter');
  expect(await once.count()).toBe(0);
  expect(await page.content()).not.toContain(token);
  expect(open.faults).toEqual([]);
});

test('a key for all editions that does not expire says neither', async () => {
  const { desk } = peopleDesk();
  await using open = await openPeople(desk);
  const { page } = open;
  await page.locator('.new-key [name=name]').fill('Ana Prueba');
  await page.locator('.new-key button[type=submit]').click();
  await page.locator('.once').waitFor();
  expect(desk.requests.at(-1)?.body).toEqual({ name: 'Ana Prueba', role: 'reporter' });
});

test('a refused new key says why at the form, and keeps what was typed', async () => {
  const { desk } = peopleDesk();
  desk.answer = () => ({
    status: 422,
    body: { title: 'x', detail: 'The body has one fault.', errors: [{ pointer: '/name', detail: 'is too long' }] },
  });
  await using open = await openPeople(desk);
  const { page } = open;
  await page.locator('.new-key [name=name]').fill('Ana Prueba');
  await page.locator('.new-key button[type=submit]').click();
  await poll(() => page.locator('.new-key .problem').textContent()).toContain('is too long');
  expect(await page.locator('.new-key [name=name]').inputValue()).toBe('Ana Prueba');
});

test('revocation says which sessions and desks it ends before it happens', async () => {
  const { desk } = peopleDesk();
  await using open = await openPeople(desk);
  const { page } = open;
  const row = page.locator('[data-key="luz01"]');
  await row.locator('button.revoke').press('Enter');
  const dialog = row.getByRole('alertdialog');
  const text = plain(await dialog.textContent());
  expect(text).toMatch(/Revoke the key of Luz Pardo\?.*Open sessions that it ends: 2.*Desks in use now: 1/);
  expect(text).toContain('Firefox · Linux');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keep the key');
  await page.keyboard.press('Escape');
  expect(await dialog.count()).toBe(0);
  expect(desk.requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
  await poll(() => row.locator('button.revoke').evaluate((one) => one === document.activeElement)).toBe(true);
  await row.locator('button.revoke').click();
  await dialog.getByRole('button', { name: 'Revoke permanently' }).click();
  await poll(() => desk.requests.at(-1)?.path).toBe('/v1/keys/luz01');
  await poll(() => page.locator('.people .sessions li').count()).toBe(2);
  await page.locator('[data-key="fw_good_nour"] button.revoke').click();
  expect(await page.getByRole('alertdialog').textContent()).toContain('your own key');
});

test('open sessions of everyone or of one key: since when, last seen, in which browser, and one can be ended', async () => {
  const { desk } = peopleDesk();
  await using open = await openPeople(desk);
  const { page } = open;
  const rows = page.locator('.people .sessions li');
  expect(await rows.count()).toBe(4);
  expect(plain(await rows.first().textContent())).toMatch(
    /Luz Pardo.*Firefox · Linux.*Since: Mar 1, 2026, 10:00.*Last seen: Mar 1, 2026, 12:04/,
  );
  expect(await rows.nth(2).textContent()).toContain('this browser');
  await page.locator('[data-key="luz01"] button.show-sessions').click();
  expect(await rows.count()).toBe(2);
  await rows.first().getByRole('button', { name: /^End/ }).click();
  await poll(() => desk.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/sessions/s1' });
  await poll(() => rows.count()).toBe(1);
  await poll(() => page.locator('.people [role=status]').first().textContent()).toContain('Luz Pardo');
});

test('whoever may not manage finds no link, and one sentence at the address', async () => {
  const { desk } = peopleDesk({ may: ['publish'] });
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('.menu summary').click();
  expect(await page.locator('.menu a[href="#people"]').count()).toBe(0);
  await page.evaluate(() => {
    location.hash = '#people';
  });
  await poll(() => page.locator('.people .empty').textContent()).toBe('Only an admin manages people and keys.');
});

test.each(['en', 'ar', 'es'])(
  'the people page has no violation that axe finds, and fits 320 px, in %s',
  async (locale) => {
    const { desk } = peopleDesk();
    await using open = await openPeople(desk, { locale, viewport: { width: 320, height: 700 } });
    const { page } = open;
    await page.locator('.new-key [name=name]').fill('Ana Prueba');
    await page.locator('.new-key button[type=submit]').click();
    await page.locator('.once').waitFor();
    await page.locator('.people summary').click();
    await page.locator('[data-key="luz01"] button.revoke').click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeViolations(page), colorScheme).toEqual([]);
    }
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('.people *')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1)
        .map((one) => one.className || one.tagName),
    );
    expect(wide).toEqual([]);
  },
);
