// `npm test` installs what the tests need, runs them, and ends with the line `N passed, N failed`. `npm run test:slow` runs the
// slow tests (*.slow.test.ts): clocks and hosts that wait, whole days at a desk, attacks by the thousand.
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
/** A test authority and the client that gets certificates of it: without them the tests of HTTPS are skipped. */
const slowPackages = ['certbot', 'pebble'].map((name) => ({ name, isThere: () => find(name) !== undefined }));
/** The same browser without a window: halves the CPU of the desk's tests. */
const shell = { name: 'chromium-headless-shell', isThere: () => existsSync('/usr/bin/chromium-headless-shell') };

try {
  requireNode();
  const args = readCommandLine('usage: npm test [-- [--slow] [-t <words of a name>] [<file>..]]', {
    options: { slow: { type: 'boolean', default: false }, testNamePattern: { type: 'string', short: 't' } },
    mostWords: Number.POSITIVE_INFINITY,
  });
  await install();
  await installMissing(args.values.slow);
  await build();
  process.exitCode = test(args);
} catch (error) {
  endWith(error);
}

/** @param {boolean} slow */
async function installMissing(slow) {
  const missing = packages.filter(({ isThere }) => !isThere()).map(({ name }) => name);
  if (missing.length > 0 && !canInstall())
    throw new Stop(
      `the tests need ${missing.join(', ')}; on Debian or Ubuntu: sudo apt-get install ${missing.join(' ')}`,
    );
  if (missing.length > 0) await installPackages(missing);
  if (!shell.isThere() && canInstall())
    await installPackages([shell.name]).catch(() => say(`${shell.name} is not installed: the tests take longer`));
  for (const { name } of slowPackages.filter(({ isThere }) => slow && !isThere()))
    if (canInstall()) await installPackages([name]).catch(() => say(`${name} is not installed: HTTPS is not tested`));
}

/**
 * Runs vitest and prints the closing line from its report. Returns the exit code. `--slow` runs only slow tests; a file named on
 * the command line runs in any case.
 * @param {{ values: { slow: boolean, testNamePattern?: string | undefined }, words: readonly string[] }} args
 */
function test({ values: { slow, testNamePattern }, words }) {
  const args = [
    ...(words.length > 0 ? words : ['--project', slow ? 'slow' : 'fast']),
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
    if (vitest.status !== 0 && failures.length === 0) failures.push('an error outside of any test, see above');
    if (failures.length > 0) process.stdout.write('== what failed\n');
    for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
    process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
    return failures.length === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The number of passed tests, and the name and reason of each failure. A file that cannot be loaded counts as one failure.
 * @param {string} report
 * @returns {{ passed: number, failures: string[] }}
 */
function read(report) {
  if (!existsSync(report)) return { passed: 0, failures: ['vitest left no report'] };
  /** @type {{ numPassedTests: number, testResults: FileResult[] }} */
  const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failures: testResults.flatMap(failuresOf) };
}

/**
 * @typedef {{ name: string, status: string, message: string, assertionResults: TestResult[] }} FileResult
 * @typedef {{ status: string, fullName: string, failureMessages: string[] }} TestResult
 */

/** @param {FileResult} result */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((one) => one.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}: ${shortened(message)}`] : [];
  return failed.map((one) => `${file} > ${one.fullName}: ${shortened(one.failureMessages[0])}`);
}

/** The message and the place, without the frames of the runner. vitest has a placeholder for a test that exceeds its timeout. */
function shortened(text = '') {
  const lines = text
    .replace('STACK_TRACE_ERROR', 'it exceeded its timeout')
    .split('\n')
    .filter((line) => !/^ +at .*(node_modules|node:|new Promise)/.test(line));
  return (lines.length > 16 ? [...lines.slice(0, 8), '..', ...lines.slice(-8)] : lines).join('\n    ');
}
