/**
 * A position in an edition's log: `seq` counts within `epoch`, and `hash` is the first 8 hex digits of the chain's link there
 * (absent if there is none). On the wire it is an opaque token, today `<epoch>:<seq>[:<hash>]`.
 */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
  readonly hash?: string;
}

/** The hash of a position, from a link of the chain or from an empty string. */
export function shortHash(link: string): string {
  return link.slice(0, 8);
}

export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}${position.hash ? `:${position.hash}` : ''}`;
}

/** Null for anything that is not a position: a resume from it gets a snapshot, never an error. A malformed hash is ignored. */
export function parsePosition(token: string): Position | null {
  const match = /^([A-Za-z0-9_-]{1,32}):(\d{1,15})(?::([A-Za-z0-9_-]{1,16}))?$/.exec(token);
  if (!match?.[1] || !match[2] || token.length > 64) return null;
  const [, epoch, seq, hash = ''] = match;
  return { epoch, seq: Number(seq), ...(isHash(hash) && { hash }) };
}

/**
 * The other of an epoch's two names. A client ignores a snapshot that goes back within its epoch. So a client that has to go
 * back gets its snapshot under the other name. `<epoch>` and `<epoch>-1` are one epoch, with one sequence of seqs.
 */
export function otherNameOf(epoch: string): string {
  return epoch.endsWith(suffix) ? epoch.slice(0, -suffix.length) : `${epoch}${suffix}`;
}

/** Whether a name is one of the two names of an epoch. */
export function isNameOf(name: string, epoch: string): boolean {
  return name === epoch || name === `${epoch}${suffix}`;
}

const suffix = '-1';

/** True for 8 lower-case hex digits. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}$/.test(value);
}
