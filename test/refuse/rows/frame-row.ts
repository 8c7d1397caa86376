/** What is sent to an open feed, and what has to come of it. */
export interface FrameRow {
  readonly name: string;
  readonly send: readonly Buffer[];
  /** One octet a write. */
  readonly isChopped?: boolean;
  /** The code of the server's close frame, after which it ends the connection; null: the reader stays, and gets what is published next. */
  readonly close: number | null;
  /** Payloads of the pongs that come, all of them, in order. */
  readonly pongs?: readonly (Buffer | string)[];
  /** The reason in the server's close frame, as octets. */
  readonly reason?: string;
}
