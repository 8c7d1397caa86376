/** A background, and the text that is readable on it. */
export interface Pair {
  readonly background: string;
  readonly text: '#000000' | '#ffffff';
}

/** `color` is `#rrggbb`. One of the two always has a contrast of 4.58:1 or more: sqrt(21) is the least. */
export function pairOn(color: string): Pair {
  const onWhite = contrastOf(color, '#ffffff');
  return { background: color, text: onWhite >= contrastOf(color, '#000000') ? '#ffffff' : '#000000' };
}

/** Contrast of two colours `#rrggbb`, 1 to 21 (WCAG 2.2, relative luminance). */
export function contrastOf(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
