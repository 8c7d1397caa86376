import type { FeedState } from '../../client/index.ts';
import type { LineStyle } from '../news/line.tsx';
import { absoluteTime } from '../news/time-text.ts';

/** The state of the feed: live, delayed, catching up, offline since. Hidden without script, which alone can keep it true. */
export function StateWords({ state, style }: { readonly state: FeedState; readonly style: LineStyle }) {
  const since = state.type === 'offline' ? absoluteTime(state.since, Date.now(), style.time) : '';
  return (
    <p class={`state needs-script ${state.type.replace(' ', '-')}`}>
      <span class="dot" aria-hidden="true" />
      <span class="words">{style.strings.state[state.type].replace('{time}', since)}</span>
    </p>
  );
}
