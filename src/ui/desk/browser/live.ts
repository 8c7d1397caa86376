import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ItemState } from '../../../item/lifecycle.ts';
import type { DeskApi, DeskStatus, Problem } from '../remote/desk-api.ts';
import { DeskFeed, type PresentEditor } from '../remote/desk-feed.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { silenceMs } from '../remote/follow-stream.ts';
import { openStream } from '../remote/shared-stream.ts';
import { withItem } from '../remote/stream-state.ts';

interface FeedAsked {
  readonly api: DeskApi;
  readonly editions: readonly string[];
  /** The key that has signed in. */
  readonly who: string;
  /** False after the end of the session, until the next sign-in. */
  readonly isSignedIn: boolean;
  onSignedOut(): void;
}

/** The stream of all editions that the key may see, while the component is there and the session lasts. */
export function useDeskFeed({ api, editions, who, isSignedIn, onSignedOut }: FeedAsked): DeskFeed {
  const ids = editions.join();
  const feed = useMemo(
    () =>
      new DeskFeed((tell) => (ids === '' ? () => undefined : openStream(api.streamPath(ids.split(',')), who, tell))),
    [api, ids, who],
  );
  useEffect(() => feed.onChange(() => feed.problem?.status === 401 && onSignedOut()), [feed, onSignedOut]);
  useEffect(() => {
    if (!isSignedIn) return;
    feed.open();
    return () => feed.close();
  }, [feed, isSignedIn]);
  return feed;
}

/** Draws again whenever something came over the stream. */
function useChanges(feed: DeskFeed): void {
  const [, draw] = useState(0);
  useEffect(() => {
    draw((count) => count + 1); // what came before this effect
    return feed.onChange(() => draw((count) => count + 1));
  }, [feed]);
}

export interface ItemsAsked {
  readonly api: DeskApi;
  readonly feed: DeskFeed;
  readonly edition: string;
  readonly states: readonly ItemState[] | undefined;
}

export interface Items {
  readonly items: readonly DeskItem[];
  /** Fetches the next older page; null when there is none. */
  readonly older: (() => void) | null;
  readonly problem: Problem | null;
  /** The server's clock minus this browser's, ms. */
  readonly clockOffset: number;
  /** Reads a list of some states again. The list of all comes over the stream. */
  refresh(): void;
}

interface Page {
  readonly key: string;
  readonly items: readonly DeskItem[];
  readonly next: string | null;
}

/**
 * The newest items, from the stream, and the older pages that the editor has requested. A list of some states is requested
 * once, and again after each snapshot; the stream changes it in between.
 */
export function useItems({ api, feed, edition, states }: ItemsAsked): Items {
  useChanges(feed);
  const key = `${edition} ${states?.join() ?? ''}`;
  const none: Page = { key, items: [], next: null };
  const [chosen, setChosen] = useState(none);
  const [past, setPast] = useState(none);
  const [problem, setProblem] = useState<Problem | null>(null);
  const query = states ? { edition, states } : { edition };
  const { current: order } = useRef({ asked: 0 });
  const refresh = useCallback(async () => {
    if (edition === '' || !states) return;
    order.asked += 1;
    const number = order.asked;
    const answer = await api.items(query);
    if (number !== order.asked) return;
    setProblem(answer.type === 'problem' ? answer.problem : null);
    if (answer.type === 'ok') setChosen({ key, ...answer.value });
  }, [api, key]);
  useEffect(() => {
    setProblem(null);
    void refresh();
  }, [refresh, feed.snapshots]);
  useEffect(
    () =>
      feed.onItem((item) => {
        if (item.edition !== edition) return;
        if (states) setChosen((page) => (page.key === key ? withChange(page, item, states) : page));
        setPast((page) => ({ ...page, items: page.items.map((one) => (one.id === item.id ? item : one)) }));
      }),
    [feed, key],
  );
  const newest = states ? (chosen.key === key ? chosen : none) : { ...none, ...feed.list(edition) };
  const older = past.key === key ? past.items.filter(({ state }) => !states || states.includes(state)) : [];
  const isPast = past.key === key && past.items.length > 0;
  const next = isPast ? past.next : newest.next;
  const readOlder = async (before: string) => {
    const answer = await api.items({ ...query, before });
    if (answer.type === 'ok')
      setPast({ key, items: [...(isPast ? past.items : []), ...answer.value.items], next: answer.value.next });
  };
  const newestIds = new Set(newest.items.map(({ id }) => id));
  return {
    items: [...newest.items, ...older.filter(({ id }) => !newestIds.has(id))],
    older: next === null ? null : () => void readOlder(next),
    problem: problem ?? feed.problem,
    clockOffset: feed.clockOffset,
    refresh,
  };
}

/** A list of these states after an item has changed. */
function withChange(page: Page, item: DeskItem, states: readonly ItemState[]): Page {
  const items = states.includes(item.state)
    ? withItem(page.items, item, page.next !== null)
    : page.items.filter(({ id }) => id !== item.id);
  return { ...page, items };
}

/** The status of the service. While the server does not answer, the last status and the time at which it arrived. */
export function useStatus(
  api: DeskApi,
  feed: DeskFeed,
): {
  readonly status: DeskStatus | null;
  readonly heardAt: number;
  readonly problem: Problem | null;
  refresh(): void;
} {
  useChanges(feed);
  const refresh = useCallback(() => void feed.askStatus(() => api.status()), [api, feed]);
  return { ...feed.status, problem: feed.problem, refresh };
}

/** Since when nothing has come, ms since 1970, so that the list may be out of date; null while beats come. */
export function useSilence(feed: DeskFeed): number | null {
  const now = useNow(1_000);
  return now - Math.max(feed.heardAt, feed.openedAt) > silenceMs ? feed.heardAt : null;
}

/** Items of the other editions: a new line may duplicate one of them. */
export function useOthers(feed: DeskFeed, editions: readonly string[]): readonly DeskItem[] {
  useChanges(feed);
  return editions.flatMap((edition) => feed.list(edition)?.items ?? []);
}

/** The editors with an open desk that follows this edition. */
export function usePresence(feed: DeskFeed, edition: string): readonly PresentEditor[] {
  useChanges(feed);
  return feed.present(edition);
}

/** The time, updated every `ms` while `isOn`. */
export function useNow(ms: number, isOn = true): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isOn) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), ms);
    return () => clearInterval(timer);
  }, [ms, isOn]);
  return now;
}
