import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError } from '../process/bench-error.ts';
import { projectFolder } from '../process/project.ts';
import { type Comparison, comparisonSchema, peersThatWin } from './comparison.ts';
import { comparisonTables } from './comparison-tables.ts';
import { type Result, renderValue } from './figure.ts';
import { resultSchema } from './result-schema.ts';

const introduction = `# What was measured

Made by \`npm run bench -- results\` from the files in \`bench/results\`, each the \`--json\` of one run. Readers, server, Redis and the publisher
share the machine named with each run: read a figure with its machine, and compare only what was measured side by side.
A last reader is counted from the moment that its POST was due, so a late POST counts its lateness.
`;

/** RESULTS.md as it should be. Throws a BenchError for a file that is neither a result nor a comparison. */
export function renderResults(folder = join(projectFolder(), 'bench/results')): string {
  const sections = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort((a, b) => Number(b.startsWith('peers')) - Number(a.startsWith('peers')) || a.localeCompare(b))
    .map((name) => section(name, JSON.parse(readFileSync(join(folder, name), 'utf8'))));
  return `${[introduction, ...sections].join('\n')}`;
}

/** Writes bench/RESULTS.md, or with `isCheck` says whether it is as it should be. */
export function results(isCheck: boolean): boolean {
  const file = join(projectFolder(), 'bench/RESULTS.md');
  const text = renderResults();
  if (isCheck) return readFileSync(file, 'utf8') === text;
  writeFileSync(file, text);
  return true;
}

function section(name: string, json: unknown): string {
  const comparison = comparisonSchema.safeParse(json);
  if (comparison.success) return comparisonSection(comparison.data);
  const result = resultSchema.safeParse(json);
  if (!result.success)
    throw new BenchError(`bench/results/${name} is no result of a run: ${z.prettifyError(result.error).slice(0, 300)}`);
  return resultSection(name.replace(/\.json$/, ''), result.data);
}

function resultSection(name: string, { at, machine, settings, figures, warnings, faults }: Result): string {
  return [
    `## ${name}`,
    '',
    `${words(settings)}.  `,
    `${at.slice(0, 10)}; ${words(machine)}.`,
    '',
    ...[...new Set(figures.map(({ run }) => run))].flatMap((run) => [
      ...table([
        [run ?? '', ''],
        ...figures.filter((one) => one.run === run && one.value !== null).map((one) => [one.label, renderValue(one)]),
      ]),
      '',
    ]),
    ...warnings.map((warning) => `Warning: ${warning}.\n`),
    faults.length === 0
      ? 'No fault: nothing lost, no gap, no duplicate.'
      : faults.map((one) => `Fault: ${one}.`).join('\n'),
    '',
  ].join('\n');
}

function comparisonSection(comparison: Comparison): string {
  return [
    `## Beside other systems${comparison.settings['tls'] === true ? ', over TLS' : ''}`,
    '',
    `${words(comparison.settings)}.  `,
    `${comparison.at.slice(0, 10)}; ${words(comparison.machine)}.`,
    '',
    'Medians over the rounds; in brackets the least and the most of them, how many times the C loop of `send()`, and for the burst also how',
    'many times the C loop that sends each reader all it lacks in one call. The floor and the others count from the publisher; Flashwire',
    'from the POST, through queue, disk and log. A burst of 60 items at 200 a second takes 295 ms to post.',
    ...(comparison.settings['tls'] === true
      ? [
          'CPU and memory are those of all processes that serve the readers: of Flashwire the fan-out and the proxy that ends TLS.',
        ]
      : []),
    '',
    ...comparisonTables(comparison).flatMap((rows) => [...table(rows), '']),
    ...comparison.absent.map((what) => `Left out: ${what}.\n`),
    ...peersThatWin(comparison).map((line) => `- ${line}`),
    '',
    ...comparison.rounds.flatMap(({ peer, faults }) => faults.slice(0, 2).map((fault) => `- ${peer}: ${fault}`)),
    '',
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map((_, i) => (i === 0 ? '---|' : '--:|')).join('')}`, ...body.map(line)];
}

function words(values: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
