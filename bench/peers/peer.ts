import type { Environment } from '../process/child.ts';
import type { ReaderTarget } from '../readers/reader-target.ts';

/** A system that the readers follow, started for one round. */
export interface RunningPeer extends AsyncDisposable {
  readonly target: ReaderTarget;
  /** The process that serves the readers; its children count too. */
  readonly pid: number;
  /** Sends message `index` (0, 1, ...), which was due then, to all readers; resolves with the id of the item that it carries, once it is on its way. */
  publish(index: number, dueAt: number): Promise<string>;
}

export interface PeerStart {
  readonly env: Environment;
  /** Empty, goes away after the round. */
  readonly folder: string;
}

export interface Peer {
  readonly name: string;
  readonly label: string;
  /** Whether its messages say when they were appended to a log. */
  readonly hasLog: boolean;
  /** Null when it can be started here, else what is missing. */
  missing(): string | null;
  start(options: PeerStart): Promise<RunningPeer>;
}
