import type { Page } from 'playwright-core';
import { BenchError } from '../process/bench-error.ts';
import type { Hands } from './hands.ts';
import type { ReaderScreen } from './reader-screen.ts';

export interface Room {
  /** The desk of the edition `en`. */
  readonly page: Page;
  readonly hands: Hands;
  /** Readers of the original and of the translation. */
  readonly reader: ReaderScreen;
  readonly arabicReader: ReaderScreen;
}

interface DeskTask {
  readonly name: string;
  /** With more keys than this the run has failed. */
  readonly mostKeys: number;
  /** What its time ends with, if it is not the reader's ticker. */
  readonly seen?: string;
  /** Does it. Returns the ms from its first key until it is seen; null for a task that only moves the focus. */
  run(room: Room): Promise<number | null>;
}

/** Lines that no reader may ever have seen. */
export const neverShown = (): readonly string[] => [lines.undone];

const row = '.items > li';
const lines = {
  first: 'Ferry refloated off the northern coast',
  corrected: 'Ferry refloated off the northern coast, 214 ashore',
  translated: 'تعويم العبّارة قبالة الساحل الشمالي',
  flash: 'Central bank cuts its key rate to three percent',
  undone: 'Parliament is said to be dissolved tonight',
  scheduled: 'Minister names the new head of the port',
  stopped: 'Bridge over the river closes for lorries',
};

/** In this order, each from where the one before has left the focus. The first line is corrected, hidden, shown, translated and retracted. */
export const deskTasks: readonly DeskTask[] = [
  {
    name: 'post',
    mostKeys: 1,
    run: async ({ hands, reader }) => {
      await reader.watch(lines.first);
      await hands.type(`AFP: ${lines.first}`);
      await hands.press('Ctrl+Enter');
      return (await reader.shown(lines.first)) - hands.beganAt;
    },
  },
  { name: 'from the box to the newest line', mostKeys: 4, run: ({ hands }) => toList(hands) },
  {
    name: 'correct',
    mostKeys: 3,
    run: async ({ page, hands, reader }) => {
      await reader.watch(lines.corrected);
      // A reader may see the line before its row says that it is out.
      await page.locator(`${row}.published:focus`).waitFor();
      await hands.press('F2');
      await hands.untilAt(`${row} textarea`);
      await hands.type(', 214 ashore');
      await hands.control('Tab');
      await hands.untilAt('[name=note]');
      await hands.type('The number was missing.');
      await hands.press('Ctrl+Enter');
      return (await reader.shown(lines.corrected)) - hands.beganAt;
    },
  },
  {
    name: 'hide',
    mostKeys: 1,
    run: async ({ hands, reader }) => {
      await toList(hands);
      hands.take();
      await reader.watch(lines.corrected);
      await reader.shown(lines.corrected);
      await hands.press('Delete');
      return (await reader.gone(lines.corrected)) - hands.beganAt;
    },
  },
  {
    name: 'show',
    mostKeys: 1,
    run: async ({ hands, reader }) => {
      await reader.watch(lines.corrected);
      await hands.press('Ctrl+Z');
      return (await reader.shown(lines.corrected)) - hands.beganAt;
    },
  },
  {
    name: 'translate',
    mostKeys: 4,
    run: async ({ page, hands, arabicReader }) => {
      await arabicReader.watch(lines.translated);
      await page.locator(`${row}:focus .hide[aria-disabled=false]`).waitFor();
      await hands.press('Enter');
      await hands.control('ArrowLeft');
      await hands.untilAt('button.translate');
      await hands.control('Enter');
      await hands.untilAt(`${row} textarea`);
      await hands.type(lines.translated);
      await hands.press('Ctrl+Enter');
      return (await arabicReader.shown(lines.translated)) - hands.beganAt;
    },
  },
  {
    name: 'retract',
    mostKeys: 5,
    run: async ({ hands, reader }) => {
      await toList(hands);
      hands.take();
      await reader.watch(lines.corrected);
      await reader.shown(lines.corrected);
      await hands.press('Enter');
      for (let times = 0; times < 2; times++) await hands.control('ArrowRight');
      await hands.untilAt('button.retract');
      await hands.control('Enter');
      await hands.untilAt('[name=reason]');
      await hands.type('The ferry is still aground.');
      await hands.press('Ctrl+Enter');
      return (await reader.gone(lines.corrected)) - hands.beganAt;
    },
  },
  {
    name: 'flash',
    mostKeys: 3,
    run: async ({ page, hands, reader }) => {
      await reader.watch(lines.flash);
      await hands.type(`Reuters: ${lines.flash}`);
      await hands.press('Alt+1');
      await hands.press('Enter');
      await page.locator('.review').waitFor();
      await hands.press('Ctrl+Enter');
      return (await reader.shown(lines.flash)) - hands.beganAt;
    },
  },
  {
    name: 'undo',
    mostKeys: 1,
    seen: 'the text is back in the box',
    run: async ({ page, hands, reader }) => {
      await reader.watch(lines.undone);
      await hands.type(`AFP: ${lines.undone}`);
      await hands.press('Ctrl+Enter');
      hands.take();
      await hands.press('Esc');
      await page.waitForFunction(
        (line) => document.querySelector<HTMLTextAreaElement>('.composer textarea')?.value.includes(line),
        lines.undone,
      );
      const ms = Date.now() - hands.beganAt;
      await page.locator('.composer textarea').fill('');
      return ms;
    },
  },
  {
    name: 'schedule',
    mostKeys: 7,
    seen: 'the ticker shows it, from the minute that it was scheduled for',
    run: async ({ page, hands, reader }) => {
      await reader.watch(lines.scheduled);
      await hands.type(`AFP: ${lines.scheduled}`);
      await hands.tabTo('.more summary');
      await hands.control('Enter');
      await hands.tabTo('[name=notBefore]');
      const dueAt = Math.ceil((Date.now() + 5_000) / 60_000) * 60_000;
      const [date = '', time = ''] = new Date(dueAt).toISOString().split('T');
      const [year, month, day] = date.split('-');
      const hour = Number(time.slice(0, 2));
      await hands.type(`${month}${day}${year}`);
      await hands.type(`${String(hour % 12 || 12).padStart(2, '0')}${time.slice(3, 5)}${hour < 12 ? 'a' : 'p'}`);
      await hands.press('Ctrl+Enter');
      await page.locator(`${row}.scheduled`).first().waitFor();
      return (await reader.shown(lines.scheduled, 90_000)) - dueAt;
    },
  },
  {
    name: 'STOP',
    mostKeys: 3,
    seen: 'the desk says that everything is held',
    run: async ({ page, hands }) => {
      await page.locator('.composer textarea').focus();
      await hands.tabTo('.stop button', 'Shift+Tab');
      await hands.control('Enter');
      await page.locator('.stop.on').waitFor();
      return Date.now() - hands.beganAt;
    },
  },
  {
    name: 'release STOP, with one line that it held',
    mostKeys: 7,
    run: async ({ page, hands, reader }) => {
      await reader.watch(lines.stopped);
      await page.locator('.composer textarea').focus();
      await hands.type(`AFP: ${lines.stopped}`);
      await hands.press('Ctrl+Enter');
      await page.locator(`${row} .waits`).first().waitFor();
      hands.take();
      await hands.tabTo('.stop button', 'Shift+Tab');
      await hands.control('Enter');
      await page.locator('.release li').waitFor();
      await hands.tabTo('.release .danger');
      if (await reader.hasShown(lines.stopped)) throw new BenchError('a reader saw a line that STOP held');
      await hands.control('Enter');
      return (await reader.shown(lines.stopped)) - hands.beganAt;
    },
  },
  {
    name: 'from the second line to the box',
    mostKeys: 7,
    run: async ({ page, hands }) => {
      await page.locator(row).nth(1).focus();
      await hands.press('F6');
      await hands.untilAt('.composer textarea');
      return null;
    },
  },
  {
    name: 'from the box to the edition',
    mostKeys: 5,
    run: async ({ hands }) => {
      await hands.tabTo('[name=edition]', 'Shift+Tab');
      return null;
    },
  },
];

async function toList(hands: Hands): Promise<null> {
  await hands.press('F6');
  await hands.untilAt(row);
  return null;
}
