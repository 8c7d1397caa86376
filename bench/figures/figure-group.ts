import type { Figure } from './figure.ts';

/** Figures that are read together. */
export interface FigureGroup {
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** In the order in which they matter: what readers got, what it cost, what it asked of Redis. Empty groups are left out. */
export function groupFigures(figures: readonly Figure[]): readonly FigureGroup[] {
  return ['Reach', 'Cost', 'Redis']
    .map((title) => ({ title, figures: figures.filter((one) => groupOf(one.name) === title) }))
    .filter((group) => group.figures.length > 0);
}

function groupOf(name: string): string {
  if (name.startsWith('redis')) return 'Redis';
  return /cpu|cores|rss|heap|kernel|memory|event_loop/.test(name) ? 'Cost' : 'Reach';
}
