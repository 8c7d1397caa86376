/** A place in an edition's log: `seq` counts within `epoch`. On the wire an opaque token, today `<epoch>:<seq>`. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}`;
}

/** Null for anything that is not a position (a resume from it is a snapshot, never an error). A third part is reserved and ignored. */
export function parsePosition(token: string): Position | null {
  const match = /^([A-Za-z0-9_-]{1,32}):(\d{1,15})(?::[A-Za-z0-9_-]{1,16})?$/.exec(token);
  return match?.[1] && match[2] && token.length <= 64 ? { epoch: match[1], seq: Number(match[2]) } : null;
}
