import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changesOf, shareWords } from '../figures/change.ts';
import { faultsIn, type Report, reportSchema } from '../figures/report.ts';
import { renderReportPage } from '../html/report-page.ts';
import { BenchError } from '../process/bench-error.ts';
import { OptionError, type OptionTable, type OptionValues } from '../run/option.ts';
import type { Bench, Scenario } from '../run/scenario.ts';
import { readStored, writeStored } from '../run/stored.ts';
import { measureReport } from './measure-report.ts';
import { planReport } from './plan.ts';

export const reportOptions = {
  short: { default: false, help: 'fewer readers and only what says something in that time: ends within 3 minutes' },
  rounds: { default: 1, min: 1, help: 'rounds of all scenarios; from two on the report knows how far they lie apart' },
  only: { default: '', help: 'these scenarios, by name: fan-out,burst,...' },
  before: { default: '', help: 'report.json of an earlier run, to compare with' },
  strict: { default: false, help: 'exit 1 also when a figure is worse than before by more than noise' },
  folder: { default: 'bench-report', help: 'where report.html and report.json go; written after each scenario' },
  from: { default: '', help: 'measure nothing: make the page from this report.json' },
  peers: { default: false, help: 'also one round of all other systems that are installed' },
  'rolling-from': { default: '', help: 'project folder of another version, built, for the scenario rolling' },
  help: { default: false, help: 'print this' },
} satisfies OptionTable;

export type ReportValues = OptionValues<typeof reportOptions>;

/** Measures everything, or reads what was measured, and writes the page. Resolves with lines for the terminal and the exit code. */
export async function makeReport(
  values: ReportValues,
  scenarios: readonly Scenario[],
  bench: Bench,
): Promise<{ readonly lines: readonly string[]; readonly exitCode: number }> {
  const before = values.before === '' ? null : readReport(values.before);
  const report = values.from === '' ? await measure(values, scenarios, before, bench) : readReport(values.from);
  const page = writeReport(values.folder, report, before);
  const faults = faultsIn(report);
  const worse = before === null ? [] : changesOf(report, before).filter(({ verdict }) => verdict === 'worse');
  return {
    lines: [
      ...report.parts.flatMap(({ name, leftOut }) => (leftOut === null ? [] : [`left out: ${name}: ${leftOut}`])),
      ...faults.map((fault) => `FAULT: ${fault}`),
      ...worse.map(({ part, figure, change }) => `worse than before: ${part}: ${figure.label}: ${shareWords(change)}`),
      page,
    ],
    exitCode: faults.length > 0 || (values.strict && worse.length > 0) ? 1 : 0,
  };
}

function measure(
  { short, rounds, only, peers, folder, ...values }: ReportValues,
  scenarios: readonly Scenario[],
  before: Report | null,
  bench: Bench,
): Promise<Report> {
  const parts = planReport(
    scenarios.map(({ name }) => name),
    { isShort: short, rollingFrom: values['rolling-from'] },
  );
  const wanted = only.split(',').map((name) => name.trim());
  const chosen =
    only === '' ? parts : parts.filter(({ name, scenario }) => wanted.some((one) => one === name || one === scenario));
  if (chosen.length === 0) throw new OptionError(`--only: there are ${parts.map(({ name }) => name).join(', ')}`);
  return measureReport(
    {
      parts: chosen,
      summaries: new Map(scenarios.map(({ name, summary }) => [name, summary])),
      rounds,
      isShort: short,
      withinMs: short ? shortMs : null,
      peers: peers ? ['peers', '--rounds', '1'] : null,
      keep: (report) => writeReport(folder, report, before),
    },
    bench,
  );
}

/** Three minutes, less what ending a scenario takes. */
const shortMs = 165_000;

function readReport(file: string): Report {
  const report = readStored(file, reportSchema);
  if (report === null) throw new OptionError(`${file}: there is no such file`);
  return report;
}

/** Returns where the page is. */
function writeReport(folder: string, report: Report, before: Report | null): string {
  const page = join(folder, 'report.html');
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(page, renderReportPage(report, before));
  } catch (cause) {
    throw new BenchError(`${page} cannot be written`, { cause });
  }
  writeStored(join(folder, 'report.json'), report);
  return page;
}
