/**
 * A line in the form in which lines are compared: without case, accents and punctuation. Arabic loses vowel signs and
 * tatweel, its alef, yeh and teh forms become one, its digits Latin. Lines that differ in spelling only are equal here.
 */
export function comparisonText(line: string): string {
  return line
    .normalize('NFKD')
    .replace(/[\u0640\p{M}\p{Cf}]/gu, '')
    .replace(/[\u0622\u0623\u0625\u0671]/g, '\u0627')
    .replace(/\u0649/g, '\u064A')
    .replace(/\u0629/g, '\u0647')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/[\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
