import type { Axis } from './axis.ts';
import { escapeHtml } from './escape.ts';
import { type LabelWish, placeLabels, type Spot } from './label.ts';

export interface Plot {
  readonly title: string;
  /** What a person sees in it, for one who does not. */
  readonly summary: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly PlotLine[];
}

export interface PlotLine {
  /** Empty where the title says it. */
  readonly label: string;
  readonly points: readonly (readonly [number, number])[];
  readonly marks?: readonly { readonly x: number; readonly y: number; readonly text: string }[];
}

/** A plot as SVG that scales with its column; colours are those of the page (style.ts). `id` is unique on the page. */
export function renderPlot(plot: Plot, id: string): string {
  const lines = plot.lines.map((line) => line.points.map(([x, y]) => spotOf(plot, x, y)));
  const marks = plot.lines.map((line) => (line.marks ?? []).map(({ x, y, text }) => ({ text, ...spotOf(plot, x, y) })));
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">${escapeHtml(plot.title)}</title>`,
    `<desc id="${id}-desc">${escapeHtml(plot.summary)}</desc>`,
    ...axes(plot),
    ...lines.map((spots, i) => `<polyline class="line c${i % colours}" points="${spots.map(pair).join(' ')}"/>`),
    ...marks.flatMap((spots, i) =>
      spots.map(({ x, y }) => `<circle class="mark c${i % colours}" cx="${round(x)}" cy="${round(y)}" r="3.5"/>`),
    ),
    ...labels(plot, lines, marks),
    '</svg>',
  ].join('\n');
}

const width = 440;
const height = 270;
/** Where the lines are drawn. */
const frame = { left: 46, top: 28, right: 422, bottom: 226 };
/** Lines that have a colour of their own; style.ts has one for each. */
const colours = 4;

function spotOf(plot: Plot, x: number, y: number): Spot {
  return {
    x: frame.left + plot.x.at(x) * (frame.right - frame.left),
    y: frame.bottom - plot.y.at(y) * (frame.bottom - frame.top),
  };
}

function axes(plot: Plot): readonly string[] {
  const rows = plot.y.ticks.flatMap(({ at, text }) => {
    const y = round(frame.bottom - at * (frame.bottom - frame.top));
    return [
      `<line class="${at === 0 ? 'base' : 'grid'}" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>`,
      `<text class="tick end" x="${frame.left - 7}" y="${y + 4}">${escapeHtml(text)}</text>`,
    ];
  });
  const columns = plot.x.ticks.flatMap(({ at, text }) => {
    const x = round(frame.left + at * (frame.right - frame.left));
    return [
      `<line class="base" x1="${x}" x2="${x}" y1="${frame.bottom}" y2="${frame.bottom + 4}"/>`,
      `<text class="tick middle" x="${x}" y="${frame.bottom + 18}">${escapeHtml(text)}</text>`,
    ];
  });
  return [
    ...rows,
    ...columns,
    `<text class="axis" x="0" y="12">${escapeHtml(plot.y.title)}</text>`,
    `<text class="axis end" x="${frame.right}" y="${height - 6}">${escapeHtml(plot.x.title)}</text>`,
  ];
}

/** Names stand beside their lines, in their colour: nobody has to look them up in a legend. */
function labels(
  plot: Plot,
  lines: readonly (readonly Spot[])[],
  marks: readonly (readonly (Spot & { readonly text: string })[])[],
): readonly string[] {
  const wishes: (LabelWish & { readonly colour: number })[] = plot.lines.flatMap((line, i) => [
    ...(marks[i] ?? []).map((mark) => ({ text: mark.text, spots: [mark], colour: i % colours })),
    ...(line.label === '' ? [] : [{ text: line.label, spots: along(lines[i] ?? []), colour: i % colours }]),
  ]);
  const placed = placeLabels(wishes, lines.flatMap(inkOf), { ...frame, top: frame.top - 12, right: width });
  return placed.map(({ text, x, y }) => {
    const colour = wishes.find((wish) => wish.text === text)?.colour ?? 0;
    return `<text class="label c${colour}" x="${round(x)}" y="${round(y)}">${escapeHtml(text)}</text>`;
  });
}

/** Spots where a line's name may stand: near its end rather than near its start. */
function along(spots: readonly Spot[]): readonly Spot[] {
  return [0.95, 0.85, 0.75, 0.6, 0.5, 0.35, 0.2].flatMap(
    (share) => spots[Math.round(share * (spots.length - 1))] ?? [],
  );
}

/** Spots every few units of a line, whatever the distance of its points. */
function inkOf(spots: readonly Spot[]): readonly Spot[] {
  return spots.flatMap((spot, i) => {
    const from = spots[i - 1] ?? spot;
    const steps = Math.max(1, Math.ceil(Math.hypot(spot.x - from.x, spot.y - from.y) / 4));
    return Array.from({ length: steps }, (_, step) => ({
      x: from.x + ((spot.x - from.x) * (step + 1)) / steps,
      y: from.y + ((spot.y - from.y) * (step + 1)) / steps,
    }));
  });
}

function pair({ x, y }: Spot): string {
  return `${round(x)},${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
