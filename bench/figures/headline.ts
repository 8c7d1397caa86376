import { figureValue, type Result, renderValue } from './figure.ts';

/** A result as one sentence that can be quoted. */
export function headline(result: Result): string {
  return deliverySentence(result) ?? otherSentence(result);
}

function deliverySentence(result: Result): string | null {
  const { readers } = result.settings;
  if (figureValue(result, 'last_reader_p50') === null || readers === undefined) return null;
  const cores = figureValue(result, 'cores');
  const load = cores === null ? '' : `, ${renderValue({ value: cores, unit: 'cores' })}`;
  return `This machine: ${Number(readers).toLocaleString('en')} readers, the last one after ${shown(result, 'last_reader_p50')} (worst ${shown(result, 'last_reader_max')}), ${figureValue(result, 'lost')} lost${load}.`;
}

/** Scenarios say the most telling thing first. */
function otherSentence(result: Result): string {
  const first = result.figures.filter((one) => one.value !== null).slice(0, 3);
  return `${result.scenario} on this machine: ${first.map((one) => `${one.label} ${renderValue(one)}`).join(', ')}.`;
}

function shown(result: Result, name: string): string {
  const one = result.figures.find((candidate) => candidate.name === name);
  return one === undefined ? '' : renderValue(one);
}
