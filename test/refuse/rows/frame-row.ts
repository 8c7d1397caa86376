/** Bytes sent to an open feed, and the expected outcome. */
export interface FrameRow {
  readonly name: string;
  readonly send: readonly Buffer[];
  /** One octet per write. */
  readonly isChopped?: boolean;
  /** The code of the server's close frame, after which it ends the connection. Null: the client stays and gets the next entry. */
  readonly close: number | null;
  /** The payloads of all pongs, in order. */
  readonly pongs?: readonly (Buffer | string)[];
  /** The reason in the server's close frame, as octets. */
  readonly reason?: string;
}
