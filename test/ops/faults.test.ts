import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const faults = {
  'an uncaught exception': 'setTimeout(() => { throw new Error("broken"); }, 1);',
  'an unhandled rejection': 'void Promise.reject(new Error("broken"));',
};

test.each(Object.entries(faults))('%s is one fatal line, and the end of the process', (_name, fault) => {
  const program = `
    import { createLogger } from './dist/src/ops/logger.js';
    import { endOnFault } from './dist/src/ops/shutdown.js';
    endOnFault(createLogger('info', 'worker'));
    ${fault}
    setTimeout(() => console.log('still here'), 5_000);
  `;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect(status).toBe(1);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 60, role: 'worker', err: { message: 'broken' } });
});
