// `npm run torture -- [--seed N] [--short] [--json]`: installs and builds what has changed, then runs the torture.
import { spawnSync } from 'node:child_process';
import { build, install } from './build.mjs';
import { endWith, requireNode, root } from './step.mjs';

try {
  requireNode();
  await install();
  await build();
  const run = spawnSync(process.execPath, ['--enable-source-maps', 'dist/torture/main.js', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  process.exitCode = run.status ?? 1;
} catch (error) {
  endWith(error);
}
