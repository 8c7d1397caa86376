import { devNull } from 'node:os';
import { describe, test } from 'vitest';
import { formatPosition } from '../../src/protocol/position.ts';
import { History } from '../../torture/checker/history.ts';
import { FeedReader } from '../../torture/site/feed-reader.ts';
import { listed, play, type Vector, type VectorClient, vectorFiles } from '../client/vectors.ts';

/**
 * The reader of the torture test is a checker. It throws at text that is not a frame, and reconnects after every loss at a time of
 * its own. It does not play vectors about these.
 */
const isForReader = ({ steps }: Vector) =>
  steps.every((step) =>
    'receive' in step
      ? typeof step.receive === 'object' && step.action !== 'schedule'
      : 'connect' in step || step.policy !== 'never',
  );

function startReader(url: string): VectorClient {
  const history = new History(devNull);
  const port = Number(new URL(url).port);
  const reader = new FeedReader({
    name: 'reader',
    transport: 'websocket',
    section: null,
    history,
    random: () => 0,
    first: 0,
    silenceMs: 4_000,
    entrances: () => [`127.0.0.1:${port}`],
  });
  let known = reader.cursor;
  return {
    standing() {
      const { position, items, stale, missing } = reader.cursor;
      const lost = history.events.some(({ e }) => e === 'closed') ? 'offline' : 'connecting';
      const connected = missing > 0 ? 'catching up' : 'live';
      return {
        position: position && formatPosition(position),
        items: listed(items),
        state: stale ? 'delayed' : reader.isLive ? connected : lost,
      };
    },
    handled() {
      const isApplied = reader.cursor !== known;
      known = reader.cursor;
      return isApplied ? 'apply' : 'ignore';
    },
    reconnect: () => undefined,
    [Symbol.asyncDispose]: async () => {
      reader.close();
      await history.close();
    },
  };
}

const files = vectorFiles
  .map(({ file, vectors }) => ({ file, vectors: vectors.filter(isForReader) }))
  .filter(({ vectors }) => vectors.length > 0);

describe.each(files)('the reader of the torture test plays $file', ({ vectors }) => {
  test.each(vectors)('$name', (vector) => play(vector, startReader));
});
