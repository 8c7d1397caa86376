import type { FuzzResult } from '../fuzz/fuzz.ts';
import type { Row } from '../run.ts';
import type { CrowdResult } from '../site/crowd.ts';

const columns = [
  'fault',
  'rows',
  'accepted',
  'refused',
  'unknown',
  'declared',
  'lost',
  'doubled',
  'ghost',
  'silent gap',
  'other',
  'detect ms',
  'silent ms',
  'settle ms',
  'accepts again ms',
] as const;

/** The table of a run, one fault a line. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [columns as readonly string[], ...rows.map(cellsOf)];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return cells.map(line).join('\n');
}

/** What became of the crowd. */
export function crowdSentence(crowd: CrowdResult): string {
  const { readers, cut, cutMs, windowMs, consistentMs, items, resumed, snapshots, violations } = crowd;
  return (
    `fan-out killed under ${readers} readers behind nginx: ${cut} cut within ${cutMs} ms, window ${windowMs} ms, ` +
    `all back and consistent after ${consistentMs} ms; ${items} items meanwhile, ${resumed} resumed, ${snapshots} snapshots, ${violations.length} violations`
  );
}

export function fuzzSentence(odd: FuzzResult): string {
  const { cases, fiveHundreds, crashes, malformed, maxRssMb, tookMs } = odd;
  return (
    `${cases} pieces of odd input in ${Math.round(tookMs / 1_000)} s: ${fiveHundreds.length} answers of 500 or more, ${crashes.length} crashes, ` +
    `${malformed.length} malformed refusals; api and fan-out held ${Math.round(maxRssMb)} MB at most`
  );
}

function cellsOf(row: Row): readonly string[] {
  if (row.skipped !== null) return [row.fault, row.rows, `not done: ${row.skipped}`];
  const { lost, doubled, ghost, gap, unheard, ...other } = row.counts;
  const detected = row.detectMs === null ? '-' : String(row.detectMs);
  const numbers = [
    row.accepted,
    row.refused,
    row.unknown,
    row.declared,
    lost,
    doubled,
    ghost,
    gap + unheard,
    Object.values(other).reduce((sum, count) => sum + count, 0),
  ];
  return [
    row.fault,
    row.rows,
    ...numbers.map(String),
    detected,
    String(row.silentMs),
    String(row.settleMs ?? 'never'),
    String(row.firstAcceptedMs ?? 'never'),
  ];
}
