import { expect, test } from 'vitest';
import { Progress } from '../../bench/progress.ts';

test('a terminal has one line that is drawn anew and leaves nothing behind', () => {
  let written = '';
  const stream = { isTTY: true, columns: 12, write: (text: string) => (written += text) };
  const progress = new Progress(stream, () => 0);
  progress.show('connecting readers');
  progress.show('posting');
  progress.end();
  expect(written).toBe('\r\u001b[2K… connectin\r\u001b[2K… posting\r\u001b[2K');
});

test('how long it still takes is said in round numbers, and never as nothing', () => {
  let written = '';
  const progress = new Progress({ write: (text: string) => (written += text) }, () => 0);
  progress.show('round 2', 12.4 * 60_000);
  progress.show('round 3', 43_000);
  progress.show('round 4', -1_000);
  expect(written).toBe('… round 2 (about 12 min left)\n… round 3 (about 45 s left)\n… round 4 (about 5 s left)\n');
});

test('elsewhere each step is a line', () => {
  let written = '';
  const progress = new Progress({ write: (text: string) => (written += text) }, () => 0);
  progress.show('connecting');
  progress.show('posting');
  progress.end();
  expect(written).toBe('… connecting\n… posting\n');
});
