import { expect, test } from 'vitest';
import { deskItem, FakeDesk } from './fake-desk.ts';
import { poll, useDeskPages } from './open-desk-page.ts';

const pages = useDeskPages();

const proof = (more: object) => ({
  version: 4,
  what: 'withheld',
  state: 'proven',
  targeted: 10_000,
  written: 9_990,
  caughtUp: 8,
  left: 2,
  waiting: 0,
  silent: [],
  latencyMs: { p50: 90, p99: 170, max: 180 },
  ...more,
});

test('hide and retract show the stopwatch and the proof: from how many connections the line is gone, in how many seconds', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Out' })];
  desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
  desk.proofs = [proof({ state: 'partial', written: 4_000, waiting: 5_990 })];
  await using open = await pages.open(desk);
  const reach = open.page.locator('[data-id="01C"] .reach');
  await open.page.locator('button.hide').click();
  await poll(() => reach.textContent()).toContain('Off 4,008 of 10,000 connections');
  expect(await reach.getAttribute('class')).toContain('unproven');
  expect(await reach.textContent()).toContain('5,990 still wait');
  expect(await reach.textContent()).toContain('NOT PROVEN');
  desk.proofs = [proof({})];
  await poll(() => reach.textContent()).toMatch(
    /^Off 9,998 of 10,000 connections in 0.18 s2 had leftproven\d+\.\d\d s$/,
  );
  const stands = await reach.textContent();
  await open.page.waitForFunction(() => new Promise((resolve) => setTimeout(() => resolve(true), 200)));
  expect(await reach.textContent()).toBe(stands);
});

test('nothing is proven while a process is silent or no process has reported', async () => {
  const desk = new FakeDesk();
  desk.items = [
    deskItem('01C', 'published', { headline: 'Out' }, { reach: proof({ state: 'partial', silent: ['p2'] }) }),
  ];
  await using open = await pages.open(desk);
  const reach = open.page.locator('[data-id="01C"] .reach');
  await poll(() => reach.textContent()).toContain('1 process has not reportedNOT PROVEN');
  const lastHeardAt = new Date().toISOString();
  const silentProcesses = [{ process: 'p2', readers: 10_000, lastHeardAt }];
  desk.items = [
    deskItem(
      '01C',
      'published',
      { headline: 'Out' },
      { reach: proof({ state: 'partial', silent: ['p2'], silentProcesses }) },
    ),
  ];
  await poll(() => reach.textContent()).toMatch(
    /not reportedconnections at their last report, [\d:]{8} UTC: 10,000NOT PROVEN/,
  );
  desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
  await open.page.locator('button.hide').click();
  await poll(() => reach.textContent()).toMatch(/^\d+\.\d\d sNOT PROVEN$/);
});

test('a retraction includes the translations, and can open the box for a replacement', async () => {
  const desk = new FakeDesk();
  const translations = [{ id: '01T', edition: 'ar', version: 1, state: 'published', of: 2 }];
  desk.items = [deskItem('01C', 'published', { headline: 'Out' }, { translations })];
  desk.answer = () => ({ status: 200, body: { id: '01C', version: 4, state: 'published' } });
  await using open = await pages.open(desk);
  const { page } = open;
  await poll(() => page.locator('.translations').textContent()).toBe('ar still has version 2');
  await page.locator('button.retract').click();
  await page.locator('[name=reason]').fill('Wrong');
  await page.getByRole('button', { name: 'Retract, then write the replacement' }).click();
  await poll(() => open.sent().length).toBe(2);
  expect(
    open
      .sent()
      .map((sent) => sent.slice(0, 30))
      .toSorted(),
  ).toEqual(['POST /v1/items/01C/retract {"r', 'POST /v1/items/01T/retract {"r']);
  expect(open.sent().find((sent) => sent.includes('01T'))).toMatch(/سُحب|سحب/);
  await page.locator('.replaces').waitFor();
  await page.locator('.composer textarea').fill('AFP: What is right');
  await page.locator('.composer textarea').focus();
  await page.keyboard.press('Control+Enter');
  await poll(() => open.sent().at(-1)).toContain('"replaces":"01C"');
});

test('other news that comes before the replacement is a line of its own', async () => {
  const desk = new FakeDesk();
  desk.items = [deskItem('01C', 'published', { headline: 'Eleven' })];
  await using open = await pages.open(desk);
  const { page } = open;
  await page.locator('[data-id="01C"] button.retract').click();
  await page.locator('[name=reason]').fill('hoax');
  await page.getByRole('button', { name: 'Retract, then write the replacement' }).click();
  await page.getByRole('button', { name: 'Make it a line of its own' }).press('Enter');
  await page.locator('.replaces').waitFor({ state: 'detached' });
  await page.keyboard.type('AFP: Other news');
  await page.keyboard.press('Control+Enter');
  await poll(open.sent).toHaveLength(2);
  expect(open.sent()[1]).toContain('Other news');
  expect(open.sent()[1]).not.toContain('replaces');
});
