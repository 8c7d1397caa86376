import { writeFile } from 'node:fs/promises';
import { readVersion } from '../src/wiring/site-file.ts';
import { isOwn } from './figures/comparison.ts';
import { renderComparison } from './figures/comparison-tables.ts';
import { renderResult } from './figures/figure.ts';
import { headline } from './figures/headline.ts';
import { results } from './figures/results.ts';
import { growth } from './growth/growth.ts';
import { renderComparisonPage } from './html/comparison-page.ts';
import { renderPage } from './html/page.ts';
import { allPeers, comparePeers, peersOptions } from './peers/peers.ts';
import { BenchError } from './process/bench-error.ts';
import { monotonicClock } from './process/clock.ts';
import { Progress } from './progress.ts';
import { makeReport, reportOptions } from './report/report-command.ts';
import { OptionError, parseOptions, renderOptions } from './run/option.ts';
import type { Bench, Scenario } from './run/scenario.ts';
import { api } from './scenarios/api.ts';
import { burst } from './scenarios/burst.ts';
import { desk } from './scenarios/desk.ts';
import { fanOut } from './scenarios/fan-out.ts';
import { flood } from './scenarios/flood.ts';
import { idle } from './scenarios/idle.ts';
import { joins } from './scenarios/joins.ts';
import { ladder } from './scenarios/ladder.ts';
import { oneMachine } from './scenarios/one-machine.ts';
import { painted } from './scenarios/painted.ts';
import { rolling } from './scenarios/rolling.ts';
import { slowReaders } from './scenarios/slow-readers.ts';
import { soak } from './scenarios/soak.ts';
import { storm } from './scenarios/storm.ts';
import { stormFlash } from './scenarios/storm-flash.ts';
import { tasks } from './scenarios/tasks.ts';

/** `npm run bench -- <scenario> [options]`; exit 1: a fault was seen, 2: the command line is wrong. */
const scenarios: readonly Scenario[] = [
  fanOut,
  burst,
  oneMachine,
  storm,
  stormFlash,
  rolling,
  flood,
  idle,
  joins,
  growth,
  slowReaders,
  api,
  ladder,
  soak,
  painted,
  desk,
  tasks,
];

const progress = new Progress(process.stderr, () => performance.now());

const peersSummary =
  'Flashwire beside a C loop of send() and the other systems that are installed here, in turns on this machine.';

const reportSummary =
  'One page of a full run, with plots, and compared with an earlier run; --short ends within 3 minutes.';

const quickOptions = ['--readers', '10000', '--items', '6', '--rate', '3', '--connect-rate', '5000'];

// Children and folders go away on exit, whatever ends the bench. A shell and `timeout` may both send a signal: not `once`,
// or the second one would end the bench in the middle of that.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

main(process.argv.slice(2)).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    progress.end();
    console.error(error instanceof BenchError ? error.message : error);
    process.exitCode = error instanceof OptionError ? 2 : 1;
  },
);

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (argv.includes('--version')) return print(readVersion());
  if (name === undefined || (name.startsWith('--') && !isHelp(name))) return quick(argv);
  if (isHelp(name) || name === 'help') return print(overview());
  if (name === 'peers') return peers(rest);
  if (name === 'report') return report(rest);
  if (name === 'results') return writeResults(rest);
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined)
    throw new OptionError(
      `no scenario "${name}": there are ${[...scenarios.map((one) => one.name), 'peers', 'report', 'results'].join(', ')}`,
    );
  if (rest.some(isHelp)) return print(scenario.help);
  const { result, isJson, htmlFile } = await scenario.run(rest, bench());
  print(isJson ? JSON.stringify(result, null, 2) : renderResult(result));
  await writePage(htmlFile, () => renderPage(result));
  return result.faults.length === 0 ? 0 : 1;
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

/** Faults of another system are facts to report; only ours are a failure. */
async function peers(argv: readonly string[]): Promise<number> {
  if (argv.some(isHelp))
    return print(
      `npm run bench -- peers [options]\n\n${peersSummary}\n\n${renderOptions(peersOptions)}\n\n${peersHere()}`,
    );
  const values = parseOptions(peersOptions, argv);
  const comparison = await comparePeers(values, bench());
  print(values.json ? JSON.stringify(comparison, null, 2) : renderComparison(comparison));
  await writePage(values.html, () => renderComparisonPage(comparison));
  return comparison.rounds.some((round) => isOwn(round.peer) && round.faults.length > 0) ? 1 : 0;
}

/** Every system by name, and what the absent ones need. */
function peersHere(): string {
  const lines = allPeers(bench()).map((peer) => {
    const missing = peer.missing();
    const only = { plain: ', without --tls', tls: ', with --tls', both: '' }[peer.ways];
    return `  ${peer.name.padEnd(16)} ${peer.label}${only}${missing === null ? '' : `; not here: needs ${missing}`}`;
  });
  return ['Systems:', ...lines].join('\n');
}

async function report(argv: readonly string[]): Promise<number> {
  if (argv.some(isHelp))
    return print(`npm run bench -- report [options]\n\n${reportSummary}\n\n${renderOptions(reportOptions)}`);
  const { lines, exitCode } = await makeReport(parseOptions(reportOptions, argv), scenarios, bench());
  for (const line of lines) print(line);
  return exitCode;
}

function writeResults(argv: readonly string[]): number {
  const table = { check: { default: false, help: 'exit 1 if bench/RESULTS.md is out of date' } };
  if (argv.some(isHelp)) return print(`npm run bench -- results [options]\n\n${renderOptions(table)}`);
  const { check } = parseOptions(table, argv);
  if (results(check)) return 0;
  throw new BenchError('bench/RESULTS.md is out of date: npm run bench -- results');
}

/** The first thing that anybody sees: one sentence to quote, and how to have it of another system. */
async function quick(argv: readonly string[]): Promise<number> {
  const { result, isJson, htmlFile } = await fanOut.run([...quickOptions, ...argv], bench());
  if (isJson) print(JSON.stringify(result, null, 2));
  else {
    const { readers, items, rate } = result.settings;
    print(headline(result));
    print(
      `Repeat it against any Flashwire: npm run bench -- fan-out --readers ${readers} --items ${items} --rate ${rate} --url https://news.example --key-file <file>`,
    );
    print(`Scenarios: ${scenarios.map((one) => one.name).join(', ')} (npm run bench -- <scenario> --help)`);
    for (const fault of result.faults) print(`FAULT: ${fault}`);
  }
  await writePage(htmlFile, () => renderPage(result));
  return result.faults.length === 0 ? 0 : 1;
}

/** After everything else: a result is not lost with a file that cannot be written. */
async function writePage(file: string, render: () => string): Promise<void> {
  if (file === '') return;
  try {
    await writeFile(file, render());
  } catch (cause) {
    throw new BenchError(`${file} cannot be written`, { cause });
  }
}

function overview(): string {
  const lines = scenarios.map((one) => `  ${one.name.padEnd(13)} ${one.summary}`);
  return [
    'npm run bench                          one sentence in 10 s',
    'npm run bench -- <scenario> [options]',
    '',
    ...lines,
    `  ${'peers'.padEnd(13)} ${peersSummary}`,
    `  ${'report'.padEnd(13)} ${reportSummary}`,
    `  ${'results'.padEnd(13)} Writes bench/RESULTS.md from the results in bench/results.`,
    '',
    '--help after a scenario lists its options.',
  ].join('\n');
}

function bench(): Bench {
  return {
    env: process.env,
    clock: monotonicClock(),
    progress: (text, leftMs) => progress.show(text, leftMs ?? null),
  };
}

function print(text: string): number {
  progress.end();
  console.log(text);
  return 0;
}
