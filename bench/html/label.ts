/** A place in a plot, in its own units. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface LabelWish {
  readonly text: string;
  /** What it may stand beside, best first. */
  readonly spots: readonly Spot[];
}

export interface PlacedLabel {
  readonly text: string;
  /** Left end of the line that the letters stand on. */
  readonly x: number;
  readonly y: number;
}

/**
 * Puts each label beside what it names, where it hides the least of the lines and of the labels before it. `inked` are
 * spots that something is drawn on.
 */
export function placeLabels(wishes: readonly LabelWish[], inked: readonly Spot[], frame: Box): readonly PlacedLabel[] {
  const taken: Box[] = [];
  return wishes.flatMap(({ text, spots }) => {
    const boxes = spots.flatMap((spot) => boxesBeside(spot, text)).filter((box) => isWithin(box, frame));
    const costs = boxes.map(
      (box, i) => i + 10 * hidden(box, inked) + 1_000 * taken.filter((one) => meet(one, box)).length,
    );
    const best = boxes[costs.indexOf(Math.min(...costs))];
    if (best === undefined) return [];
    taken.push(best);
    return { text, x: best.left, y: best.bottom - descent };
  });
}

/** Size of the letters, in the plot's units. */
const letterHeight = 12;
/** Of a usual sans serif; the text is not measured. */
const letterWidth = 6.4;
const descent = 3;
const gap = 7;

function boxesBeside({ x, y }: Spot, text: string): readonly Box[] {
  const width = text.length * letterWidth;
  const lefts = { right: x + gap, left: x - gap - width, middle: x - width / 2 };
  const tops = { beside: y - letterHeight / 2 - 1, above: y - letterHeight - gap, below: y + gap / 2 };
  const corners = [
    [lefts.right, tops.beside],
    [lefts.left, tops.beside],
    [lefts.middle, tops.above],
    [lefts.left, tops.above],
    [lefts.right, tops.below],
    [lefts.right, tops.above],
    [lefts.left, tops.below],
    [lefts.middle, tops.below],
  ] as const;
  return corners.map(([left, top]) => ({ left, top, right: left + width, bottom: top + letterHeight + descent }));
}

function isWithin(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}

function hidden(box: Box, inked: readonly Spot[]): number {
  return inked.filter(({ x, y }) => x > box.left - 2 && x < box.right + 2 && y > box.top && y < box.bottom).length;
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
