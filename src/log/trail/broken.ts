/** Something in a chain does not fit; the message names it. */
export class Broken extends Error {
  override readonly name = 'Broken';
}
