import type { Framing } from '../feed/framing.ts';

/** One connection as a reader writes to it. Bytes are whole frames of `framing`. */
export interface Transport {
  readonly framing: Framing;
  /** Bytes of an earlier write are still in this process: nothing more is written until they are gone. */
  readonly isBusy: boolean;
  /** Another number than before whenever the other side has shown that it is there. */
  readonly signsOfLife: number;
  /** Only while it is not busy. Does nothing on a connection that has ended. */
  write(bytes: Buffer): void;
  /** While it is busy: calls back once, when all that was written has left this process or the connection is gone. */
  whenFlushed(flushed: () => void): void;
  /** Says goodbye with a code, after what is being written; ends the connection even if nobody answers. */
  close(code: number, reason: string): void;
  terminate(): void;
}
