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

/** The last column, where somebody asked for it. */
const healthColumn = 'health';

/** The table of a run, one fault a line. */
export function tableOf(rows: readonly Row[]): string {
  const hasHealth = rows.some(({ health }) => health.length > 0);
  const cells = [hasHealth ? [...columns, healthColumn] : columns, ...rows.map(cellsOf)];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const padded = (cell: string, at: number) => {
    const width = widths[at] ?? 0;
    return at < 2 || at === columns.length ? cell.padEnd(width) : cell.padStart(width);
  };
  return cells.map((row) => row.map(padded).join('  ')).join('\n');
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
    ...(row.health.length > 0 ? [healthOf(row.health)] : []),
  ];
}

/** `replicated, weak 1.9 s, replicated 12.4 s`: before the fault, and each change with its time since the fault. */
function healthOf([before, ...changes]: Row['health']): string {
  return [before?.state, ...changes.map(({ state, afterMs }) => `${state} ${(afterMs / 1_000).toFixed(1)} s`)].join(
    ', ',
  );
}
