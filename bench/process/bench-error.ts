/** Why a run could not be made, as a line that a person can act on. Not a fault of what is measured. */
export class BenchError extends Error {
  override readonly name: string = 'BenchError';
}
