/**
 * A place in an edition's log: `seq` counts within `epoch`, and `hash` is the beginning of the chain's link there (8 hex
 * digits; absent where there is none). On the wire an opaque token, today `<epoch>:<seq>[:<hash>]`.
 */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
  readonly hash?: string;
}

/** Of a whole link of the chain, or of none. */
export function shortHash(link: string): string {
  return link.slice(0, 8);
}

export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}${position.hash ? `:${position.hash}` : ''}`;
}

/** Null for anything that is not a position (a resume from it is a snapshot, never an error). A third part that is no hash is ignored. */
export function parsePosition(token: string): Position | null {
  const match = /^([A-Za-z0-9_-]{1,32}):(\d{1,15})(?::([A-Za-z0-9_-]{1,16}))?$/.exec(token);
  if (!match?.[1] || !match[2] || token.length > 64) return null;
  const [, epoch, seq, hash = ''] = match;
  return { epoch, seq: Number(seq), ...(isHash(hash) && { hash }) };
}

/**
 * The other of an epoch's two names. A client drops a snapshot that goes back within an epoch, so a reader that has to go back
 * gets its snapshot under the name that it does not have. `<epoch>` and `<epoch>-1` are one epoch, with one count of seqs.
 */
export function otherNameOf(epoch: string): string {
  return epoch.endsWith(suffix) ? epoch.slice(0, -suffix.length) : `${epoch}${suffix}`;
}

/** Whether a name is one of the two of an epoch. */
export function isNameOf(name: string, epoch: string): boolean {
  return name === epoch || name === `${epoch}${suffix}`;
}

const suffix = '-1';

export function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}$/.test(value);
}
