import { randomInt } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { breakages, brokenProgram } from './breakage.ts';
import { killUnderCrowd } from './crowd.ts';
import { faults } from './faults.ts';
import { torture } from './run.ts';
import { sentenceOf, tableOf } from './table.ts';

const usage = `usage: npm run torture -- [--seed N] [--short] [--json] [--fault <name>]... [--break <guarantee>]

Lives through every fault with real processes and proves from the history what was promised. Ends with 1 on any violation.
  --seed N       the same posts and moments again (what the machine does in between is its own)
  --short        the faults that matter most, each as short as it can be
  --fault NAME   only this one; may be given more than once
  --break NAME   runs a copy of the build with one guarantee taken out, to see the checker find it: ${Object.keys(breakages).join(', ')}
  --crowd N      readers under which a fan-out is killed at the end (10000; 0: none; with --short, --fault and --break none unless given)
  --json         the whole result on stdout`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    fault: { type: 'string', multiple: true, default: [] },
    break: { type: 'string' },
    crowd: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function chosen() {
  const unknown = values.fault.find((name) => !faults.some((fault) => fault.name === name));
  if (unknown !== undefined)
    throw new Error(`no fault is called "${unknown}"; there are: ${faults.map(({ name }) => name).join(', ')}`);
  if (values.fault.length > 0) return faults.filter(({ name }) => values.fault.includes(name));
  const breakage = values.break === undefined ? undefined : breakages[values.break];
  if (breakage) return faults.filter(({ name }) => breakage.faults.includes(name));
  return values.short ? faults.filter(({ isShort }) => isShort) : faults;
}

function crowdOf(): number {
  const { crowd, short, fault, break: broken } = values;
  const readers = Number(crowd ?? (short || fault.length > 0 || broken !== undefined ? 0 : 10_000));
  if (!Number.isInteger(readers) || readers < 0) throw new Error(`--crowd: ${crowd} is not a whole number`);
  return readers;
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: ${values.seed} is not a whole number`);
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-torture-history-'));
  const file = join(folder, 'history.ndjson');
  const program = values.break === undefined ? 'dist/src/main.js' : brokenProgram(values.break, folder);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(`flashwire torture: seed ${seed}, history in ${file}`);
  const { verdict, rows } = await torture({
    seed,
    isShort: values.short || values.break !== undefined,
    faults: chosen(),
    file,
    program,
    onFault: (row) => say(`${row.fault}: ${row.skipped ?? `settled after ${row.settleMs ?? 'never'} ms`}`),
  });
  const readers = crowdOf();
  if (readers > 0) say(`a crowd of ${readers} readers`);
  const crowd = readers === 0 ? null : await killUnderCrowd({ readers, program });
  const { violations } = verdict;
  const unsettled = rows.filter(({ settleMs, skipped }) => settleMs === null && skipped === null);
  if (values.json) console.log(JSON.stringify({ seed, rows, crowd, violations }, null, 2));
  else console.log([tableOf(rows), ...(crowd === null ? [] : [sentenceOf(crowd)])].join('\n\n'));
  for (const { fault, kind, what } of violations.slice(0, 40)) say(`${kind} in "${fault}": ${what}`);
  const accepted = rows.reduce((sum, row) => sum + row.accepted, 0);
  say(
    `seed ${seed}: ${rows.length} faults, ${accepted} accepted, ${violations.length} violations, ${unsettled.length} never settled`,
  );
  for (const what of crowd?.violations ?? []) say(`the crowd: ${what}`);
  return violations.length + unsettled.length + (crowd?.violations.length ?? 0) === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`flashwire torture: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
