// `npm test` brings what the tests need, runs them, and ends with one line `N passed, N failed`. `npm run test:slow` runs those that take
// long by their nature (*.slow.test.ts): clocks and hosts that wait, whole days at a desk, attacks by the thousand.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, install } from './build.mjs';
import { canInstall, find, installPackages } from './machine.mjs';
import { endWith, readCommandLine, requireNode, root, Stop, say } from './step.mjs';

const packages = [
  { name: 'redis-server', isThere: () => find('redis-server') !== undefined },
  { name: 'faketime', isThere: () => find('faketime') !== undefined },
  { name: 'nginx', isThere: () => find('nginx') !== undefined },
  { name: 'chromium', isThere: () => existsSync('/usr/bin/chromium') },
  { name: 'fonts-noto-core', isThere: () => existsSync('/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf') },
];
/** The same browser without a window: half of the CPU of the desk's tests. */
const shell = { name: 'chromium-headless-shell', isThere: () => existsSync('/usr/bin/chromium-headless-shell') };

try {
  requireNode();
  const given = readCommandLine('usage: npm test [-- [--slow] [-t <words of a name>] [<file>..]]', {
    options: { slow: { type: 'boolean', default: false }, testNamePattern: { type: 'string', short: 't' } },
    mostWords: Number.POSITIVE_INFINITY,
  });
  await install();
  await bringPackages();
  await build();
  process.exitCode = test(given);
} catch (error) {
  endWith(error);
}

async function bringPackages() {
  const missing = packages.filter(({ isThere }) => !isThere()).map(({ name }) => name);
  if (missing.length > 0 && !canInstall())
    throw new Stop(
      `the tests need ${missing.join(', ')}; on Debian or Ubuntu: sudo apt-get install ${missing.join(' ')}`,
    );
  if (missing.length > 0) await installPackages(missing);
  if (!shell.isThere() && canInstall())
    await installPackages([shell.name]).catch(() => say(`without ${shell.name} the tests take longer`));
}

/** Runs vitest and prints the line made from its own report; the exit code. `--slow`: only the slow ones; a named file: whatever it is. */
function test({ values: { slow, testNamePattern }, words }) {
  const tier = slow ? ['.slow.test.ts'] : ['--exclude', '**/*.slow.test.ts'];
  const args = [
    ...(words.length > 0 ? words : tier),
    ...(testNamePattern === undefined ? [] : ['-t', testNamePattern]),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-test-'));
  const report = join(folder, 'report.json');
  try {
    const vitest = spawnSync(
      process.execPath,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ],
      { cwd: root, stdio: 'inherit' },
    );
    const { passed, failures } = read(report);
    if (vitest.status !== 0 && failures.length === 0) failures.push('an error outside of any test, told above');
    if (failures.length > 0) process.stdout.write('== what failed\n');
    for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
    process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
    return failures.length === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many passed, and of each that did not its name and, indented, why. A file that could not even be loaded counts as one failure. */
function read(report) {
  if (!existsSync(report)) return { passed: 0, failures: ['vitest left no report'] };
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failures: testResults.flatMap(failuresOf) };
}

function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((one) => one.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}: ${shortened(message)}`] : [];
  return failed.map((one) => `${file} > ${one.fullName}: ${shortened(one.failureMessages[0])}`);
}

/** What it says and where, without the frames of the runner; vitest calls a test that ran out of time by its own placeholder. */
function shortened(text = '') {
  const lines = text
    .replace('STACK_TRACE_ERROR', 'it took longer than its limit')
    .split('\n')
    .filter((line) => !/^ +at .*(node_modules|node:|new Promise)/.test(line));
  return (lines.length > 16 ? [...lines.slice(0, 8), '..', ...lines.slice(-8)] : lines).join('\n    ');
}
