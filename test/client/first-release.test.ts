import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { connectFeed } from '../../src/client/index.ts';
import { serveFanout, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

interface FirstRelease {
  readonly connectFeed: typeof connectFeed;
}

async function firstRelease(): Promise<FirstRelease> {
  return import(new URL('./first-release/sdk-0.1.0.js', import.meta.url).href);
}

describe('the SDK of the first release', () => {
  test('the SDK of the first release follows the server of today: start, news, corrections, withdrawals and a loss', async () => {
    const { connectFeed: connect } = await firstRelease();
    const log = new MemoryLog();
    for (const id of ['a', 'b', 'c']) log.publish(id, facets());
    await using server = await serveFanout(log, { acceptRate: 1_000_000 });
    const sockets: WebSocket[] = [];
    const seen = { lines: [] as readonly string[], states: [] as string[] };
    const feed = connect({
      url: server.origin,
      edition: 'en',
      filter: { sections: ['politics'] },
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url);
          sockets.push(this);
        }
      },
      random: () => 0,
      onItems: (items) => {
        seen.lines = items.map((item) => (item.status === 'usable' ? item.headline : `(${item.notice})`));
      },
      onState: (state) => seen.states.push(state.type),
    });
    const reads = (...lines: readonly string[]) => until(() => String(seen.lines) === String(lines), lines.join());
    await reads('headline of c', 'headline of b', 'headline of a');
    log.publish('d', facets());
    log.correct('b', facets(), 'b, corrected');
    log.retract('c', 'c was withdrawn');
    log.correct('a', facets(['sports']));
    await reads('headline of d', '(c was withdrawn)', 'b, corrected');
    sockets[0]?.terminate();
    await until(() => seen.states.at(-1) === 'offline', 'the loss');
    log.publish('e', facets());
    log.withhold('d');
    await reads('headline of e', '(c was withdrawn)', 'b, corrected');
    expect(seen.states.at(-1)).toBe('live');
    feed.close();
  });
});
