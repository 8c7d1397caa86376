import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../src/ops/config.ts';
import { chooseFramePath, nativeFile } from '../../src/wiring/native-part.ts';

const folder = mkdtempSync(join(tmpdir(), 'flashwire-native-'));
afterAll(() => rmSync(folder, { recursive: true }));
const missing = join(folder, 'missing.node');
const isLinux = process.platform === 'linux';

function broken(): string {
  const file = join(folder, 'broken.node');
  writeFileSync(file, 'not a library');
  return file;
}

test.skipIf(!existsSync(nativeFile))(
  'auto and require take the native part where it is built, and off does not',
  () => {
    expect(chooseFramePath('auto')).toEqual({ sendAll: expect.any(Function), why: 'FLASHWIRE_NATIVE is auto' });
    expect(chooseFramePath('require').sendAll).not.toBeNull();
    expect(chooseFramePath('off')).toEqual({ sendAll: null, why: 'FLASHWIRE_NATIVE is off' });
  },
);

test.skipIf(!isLinux)('without the native part auto says why Node writes the frames', () => {
  expect(chooseFramePath('auto', missing)).toEqual({
    sendAll: null,
    why: `the native part is not built (there is no ${missing})`,
  });
  const { sendAll, why } = chooseFramePath('auto', broken());
  expect(sendAll).toBeNull();
  expect(why).toMatch(/^the native part cannot be loaded \([^\n]+\)$/);
});

test.skipIf(!isLinux)('without the native part require ends the start with one line that says what to do', () => {
  for (const file of [missing, broken()]) {
    const refusal = () => chooseFramePath('require', file);
    expect(refusal).toThrow(ConfigError);
    expect(refusal).toThrow(
      /^FLASHWIRE_NATIVE: is require, but the native part [^\n]+; install a C compiler .+ npm run build, or set it to auto$/,
    );
  }
});

test('FLASHWIRE_NATIVE is auto, off or require, and auto by default', () => {
  expect(parseConfig({}).FLASHWIRE_NATIVE).toBe('auto');
  expect(() => parseConfig({ FLASHWIRE_NATIVE: 'yes' })).toThrow(
    'FLASHWIRE_NATIVE: must be one of auto, off, require (it is "yes")',
  );
});
