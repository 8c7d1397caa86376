/**
 * Flags of every Node process that holds readers. The young generation grows to three times 16 MB by default, most of it
 * garbage of handshakes: with 4 MB a reader costs 4.1 kB of RSS instead of 5.6 (10,000 readers, Node 20), at the same CPU,
 * and each scavenge is shorter. V8 reads it only at its start, so the parent process sets it.
 *
 * By default V8 lets the heap grow to four times the live data before it collects, so any client can fill it with the garbage of
 * its requests. With a factor of two, sixteen connections with every expensive request make a process 27 MB larger instead of 84.
 */
export const readerProcessFlags: readonly string[] = ['--max-semi-space-size=4', '--heap-growing-percent=100'];

/** The part of the heap limit that V8 reserves for the young generation: three semi-spaces, 16 MB each unless a flag sets another size. */
export function youngGenerationBytes(flags: readonly string[]): number {
  const sizes = flags.flatMap((flag) => /^--max[-_]semi[-_]space[-_]size=(\d+)$/.exec(flag)?.[1] ?? []);
  return 3 * Number(sizes.at(-1) ?? 16) * 2 ** 20;
}
