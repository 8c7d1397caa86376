import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ItemState } from '../../../item/lifecycle.ts';
import type { Answer, DeskApi, DeskStatus, Problem } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';

const listMs = 1_000;
const statusMs = 2_000;
const othersMs = 10_000;

/** Runs at once, then repeatedly while the page is visible, and as soon as it is visible again. */
function useEvery(ms: number, run: () => void): void {
  useEffect(() => {
    run();
    const whenSeen = () => {
      if (document.visibilityState === 'visible') run();
    };
    const timer = setInterval(whenSeen, ms);
    document.addEventListener('visibilitychange', whenSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', whenSeen);
    };
  }, [ms, run]);
}

/**
 * Numbers the requests of one kind. For each request it returns a function that tells whether its answer is still the
 * newest.
 */
function useOrder(): () => () => boolean {
  const { current: order } = useRef({ sent: 0, answered: 0 });
  return () => {
    order.sent += 1;
    const number = order.sent;
    return () => {
      if (number < order.answered) return false;
      order.answered = number;
      return true;
    };
  };
}

export interface ItemsAsked {
  readonly api: DeskApi;
  readonly edition: string;
  readonly states: readonly ItemState[] | undefined;
  onSignedOut(): void;
}

export interface Items {
  readonly items: readonly DeskItem[];
  /** Fetches the next older page; null when there is none. */
  readonly older: (() => void) | null;
  readonly problem: Problem | null;
  /** The server's clock minus this browser's, ms. */
  readonly clockOffset: number;
  refresh(): void;
}

/** The newest page, requested every second, and the older pages that the editor has requested. */
export function useItems({ api, edition, states, onSignedOut }: ItemsAsked): Items {
  const key = `${edition} ${states?.join() ?? ''}`;
  const [page, setPage] = useState({ key, items: [] as readonly DeskItem[], next: null as string | null });
  const [past, setPast] = useState({ key, items: [] as readonly DeskItem[], next: null as string | null });
  const [clockOffset, setClockOffset] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const query = states ? { edition, states } : { edition };
  const ask = useOrder();
  const refresh = useCallback(async () => {
    if (edition === '') return;
    const isNews = ask();
    const answer = await api.items(query);
    if (!isNews()) return;
    if (answer.type === 'problem') {
      if (answer.problem.status === 401) onSignedOut();
      return setProblem(answer.problem);
    }
    const { items, next, now } = answer.value;
    setPage({ key, items, next });
    setClockOffset(now - Date.now());
    setProblem(null);
  }, [api, key, onSignedOut]);
  useEvery(listMs, refresh);
  const isPast = past.key === key && past.items.length > 0;
  const next = isPast ? past.next : page.next;
  const older = async (before: string) => {
    const answer = await api.items({ ...query, before });
    if (answer.type === 'ok')
      setPast({ key, items: [...(isPast ? past.items : []), ...answer.value.items], next: answer.value.next });
  };
  const current = page.key === key ? page.items : [];
  const currentIds = new Set(current.map(({ id }) => id));
  return {
    items: [...current, ...(isPast ? past.items.filter(({ id }) => !currentIds.has(id)) : [])],
    older: next === null ? null : () => void older(next),
    problem,
    clockOffset,
    refresh,
  };
}

/** The status of the service. While the server does not answer, the last status and the time at which it arrived. */
export function useStatus(api: DeskApi): {
  readonly status: DeskStatus | null;
  readonly heardAt: number;
  readonly problem: Problem | null;
  refresh(): void;
} {
  const [heard, setHeard] = useState<{ readonly status: DeskStatus | null; readonly heardAt: number }>({
    status: null,
    heardAt: 0,
  });
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = useOrder();
  const refresh = useCallback(async () => {
    const isNews = ask();
    const answer: Answer<DeskStatus> = await api.status();
    if (!isNews()) return;
    if (answer.type === 'ok') setHeard({ status: answer.value, heardAt: Date.now() });
    setProblem(answer.type === 'ok' ? null : answer.problem);
  }, [api]);
  useEvery(statusMs, refresh);
  return { ...heard, problem, refresh };
}

/** Published and pending items of the other editions: a new line may duplicate one of them. */
export function useOthers(api: DeskApi, editions: readonly string[]): readonly DeskItem[] {
  const [items, setItems] = useState<readonly DeskItem[]>([]);
  const ids = editions.join();
  const refresh = useCallback(async () => {
    const answers = await Promise.all(editions.map((edition) => api.items({ edition, limit: 50 })));
    setItems(answers.flatMap((answer) => (answer.type === 'ok' ? answer.value.items : [])));
  }, [api, ids]);
  useEvery(othersMs, refresh);
  return items;
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
