import type { Framing } from '../feed/framing.ts';

/** The side of a connection that a reader writes to. Bytes are whole frames of `framing`. */
export interface Transport {
  readonly framing: Framing;
  /** Bytes of the last write are still in this process. No other write may start before they have left. */
  readonly isBusy: boolean;
  /** A number that changes whenever the client shows that it is alive. */
  readonly signsOfLife: number;
  /** Call it only while the transport is not busy. Does nothing on a connection that has ended. */
  write(bytes: Buffer): void;
  /** Call it while the transport is busy. Calls back once, when all bytes have left this process or the connection has ended. */
  whenFlushed(flushed: () => void): void;
  /** Closes with a code after the write under way, and ends the connection even if the client does not answer. */
  close(code: number, reason: string): void;
  terminate(): void;
}
