import type { FeedState, PublicItem } from '../../client/index.ts';
import type { Strings } from '../strings/strings.ts';
import { Line } from './line.tsx';
import { type TimeStyle, timeText } from './time-text.ts';

export interface TickerView {
  /** Null before the first snapshot: nothing is known yet, which is not the same as no news. */
  readonly items: readonly PublicItem[] | null;
  readonly state: FeedState;
  /** What a screen reader is told, politely. */
  readonly announcement: string;
}

interface TickerProps {
  readonly view: TickerView;
  readonly strings: Strings;
  readonly style: TimeStyle;
  readonly limit: number;
}

/** The list, newest place first, and the state of the connection. The region itself is not live: one separate node speaks. */
export function Ticker({ view, strings, style, limit }: TickerProps) {
  const items = view.items?.slice(0, limit) ?? [];
  return (
    <section class="ticker" aria-labelledby="title" lang={strings.language} dir={strings.dir}>
      <header>
        <h2 id="title">{strings.title}</h2>
        <State state={view.state} strings={strings} style={style} />
      </header>
      <ol>
        {items.map((item) => (
          <Line key={item.id} item={item} strings={strings} style={style} />
        ))}
      </ol>
      {view.items?.length === 0 && <p class="empty">{strings.empty}</p>}
      <div class="announcer" aria-live="polite">
        {view.announcement}
      </div>
    </section>
  );
}

function State({
  state,
  strings,
  style,
}: {
  readonly state: FeedState;
  readonly strings: Strings;
  readonly style: TimeStyle;
}) {
  const since = state.type === 'offline' ? timeText(state.since, Date.now(), style) : '';
  return (
    <p class={`state ${state.type.replace(' ', '-')}`}>
      <span class="dot" aria-hidden="true" />
      <span class="words">{strings.state[state.type].replace('{time}', since)}</span>
    </p>
  );
}
