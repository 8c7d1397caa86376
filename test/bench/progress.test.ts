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

test('elsewhere each step is a line', () => {
  let written = '';
  const progress = new Progress({ write: (text: string) => (written += text) }, () => 0);
  progress.show('connecting');
  progress.show('posting');
  progress.end();
  expect(written).toBe('… connecting\n… posting\n');
});
