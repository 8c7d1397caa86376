import type { Environment } from '../process/child.ts';
import type { ReaderTarget } from '../readers/reader-target.ts';
import type { Certificate } from '../target/certificate.ts';

/** A system that the readers follow, started for one round. */
export interface RunningPeer extends AsyncDisposable {
  readonly target: ReaderTarget;
  /** The processes that serve the readers; their children count too. */
  readonly pids: readonly number[];
  /** Sends message `index` (0, 1, ...), which was due then, to all readers; resolves with the id of the item that it carries, once it is on its way. */
  publish(index: number, dueAt: number): Promise<string>;
}

export interface PeerStart {
  readonly env: Environment;
  /** Empty, goes away after the round. */
  readonly folder: string;
  /** What it shows its readers; null: they come without TLS. */
  readonly certificate: Certificate | null;
}

export interface Peer {
  readonly name: string;
  readonly label: string;
  /** Whether its messages say when they were appended to a log. */
  readonly hasLog: boolean;
  /** Whether it can be started without TLS, with TLS, or either way. */
  readonly ways: 'plain' | 'tls' | 'both';
  /** It takes part only if `--only` names it: a variant, measured to compare it with another one. */
  readonly isByNameOnly?: boolean;
  /** Null when it can be started here, else what is missing. */
  missing(): string | null;
  /** Of the program, where the machine says it elsewhere for no one. */
  readonly version?: () => string;
  start(options: PeerStart): Promise<RunningPeer>;
}

/** Of a port of this machine. */
export function originOf(port: number, { certificate }: Pick<PeerStart, 'certificate'>): string {
  return `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`;
}
