/** Where a command prints; each call ends with a new line. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
  out(line: string): void;
  err(line: string): void;
}
