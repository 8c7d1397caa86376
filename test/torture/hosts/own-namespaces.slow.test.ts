import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('--hosts without root says so on one line and starts nothing', () => {
  const noRoot = ['--import', 'data:text/javascript,process.getuid=()=>1000'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...noRoot, 'dist/torture/main.js', '--hosts'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe(
    'flashwire torture: --hosts needs root on Linux, because every host is a network namespace: run it as root\n',
  );
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});
