import { render } from 'preact';
import type { FeedHandle, ReceivedFrame } from '../../client/index.ts';

const refreshMs = 500;
const mostSamples = 1_000;

interface Reading {
  readonly name: string;
  readonly value: string;
}

/** `?debug`: how the news arrives, for operators. Its words are the protocol's, in every language. */
export function showDebug() {
  const samples: number[] = [];
  let feed: FeedHandle | null = null;
  const root = document.createElement('div');
  document.body.append(root);
  const draw = () => render(<Panel readings={readingsOf(feed, samples)} />, root);
  setInterval(draw, refreshMs);
  draw();
  return {
    watch(handle: FeedHandle) {
      feed = handle;
    },
    /** From the append, by the server's clock, to the animation frame that shows the item, by the reader's clock. */
    hear(frame: ReceivedFrame) {
      if (frame.type !== 'item' || frame.change !== 'new' || frame.item.status !== 'usable') return;
      const postedAt = Date.parse(frame.item.publishedAt);
      requestAnimationFrame(() =>
        setTimeout(() => {
          samples.push(Date.now() - postedAt);
          if (samples.length > mostSamples) samples.shift();
        }),
      );
    },
  };
}

function readingsOf(feed: FeedHandle | null, samples: readonly number[]): readonly Reading[] {
  const stats = feed?.stats();
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? '–'} ms`;
  return [
    { name: 'transport', value: stats?.transport ?? '–' },
    { name: 'position', value: stats?.position ?? '–' },
    { name: 'reconnects', value: String(stats?.reconnects ?? 0) },
    { name: 'posted to painted', value: `${samples[samples.length - 1] ?? '–'} ms` },
    { name: 'p50', value: at(0.5) },
    { name: 'p99', value: at(0.99) },
    { name: 'samples', value: String(samples.length) },
  ];
}

function Panel({ readings }: { readonly readings: readonly Reading[] }) {
  return (
    <aside class="debug" lang="en" dir="ltr" aria-label="debug">
      <dl>
        {readings.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-reading={name}>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}
