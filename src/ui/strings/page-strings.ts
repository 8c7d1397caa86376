import { addStrings } from './strings.ts';

/** Adds the texts that the server has written into this page. */
export function readPageStrings(): void {
  const block = document.getElementById('strings')?.textContent;
  if (block) addStrings(JSON.parse(block));
}
