import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createHttpServer, listen } from '../../src/ops/http-server.ts';
import { documentWithTable } from '../docs/documents.ts';
import { compose } from './compose-file.ts';

/** What the code has, and what is asked of the objects besides. */
export interface Code {
  readonly version: string;
  /** The files that scripts/redis-users.mjs makes for the roles. */
  readonly secrets: readonly string[];
  readonly metrics: ReadonlySet<string>;
  /** The statuses of a GET on PORT: in a process that is ready, and in one that has lost Redis. */
  readonly answers: ReadonlyMap<string, readonly [ready: number, lost: number]>;
  /** The memory that a process needs. */
  readonly leastMegabytes: number;
}

const statusOf = async (path: string, whyNot: string | null): Promise<number> => {
  const server = createHttpServer({
    handlers: [],
    whyNotReady: () => whyNot,
    keepAliveMs: 1,
    maxConnections: 1,
    onFault: () => {},
  });
  const port = await listen(server, 0, '127.0.0.1');
  try {
    return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const answers = async (path: string) => [path, [await statusOf(path, null), await statusOf(path, 'Redis')]] as const;

/** What the code has. Other tests compare the table of metrics with processes, and the secrets with what the script makes. */
export const code: Code = {
  version: JSON.parse(readFileSync('package.json', 'utf8')).version,
  secrets: Object.values(compose.secrets).map(({ file }) => basename(file)),
  metrics: new Set(documentWithTable('| metric | type | labels | meaning |').text.match(/(?<=^\| `)flashwire_\w+/gm)),
  answers: new Map(await Promise.all(['/healthz', '/readyz'].map(answers))),
  leastMegabytes: Number(/at least (\d+) MB per process/.exec(readFileSync('docs/deploy.md', 'utf8'))?.[1]),
};
