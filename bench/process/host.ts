/** A machine, or a network namespace that stands for one. */
export interface Host {
  readonly address: string;
  /** What a command line begins with, to run there. */
  readonly within: readonly string[];
}

export const thisHost: Host = { address: '127.0.0.1', within: [] };

/** What to start, and with which arguments, so that a program runs on a host. */
export function commandOn(
  { within }: Host,
  program: string,
  args: readonly string[],
): readonly [command: string, args: string[]] {
  const [command = program, ...rest] = [...within, program, ...args];
  return [command, rest];
}
