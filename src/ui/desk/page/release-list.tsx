import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { relativeTime } from '../../news/time-text.ts';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { focusOnOpen } from '../browser/focus.ts';
import { useDesk } from '../desk-context.ts';
import { useInside } from '../list/still-rows.ts';
import type { Problem } from '../remote/desk-api.ts';
import type { HeldItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';
import { EditionMark } from './edition-mark.tsx';

interface ReleaseListProps {
  onRelease(): void;
  onKeep(): void;
}

/** What goes out when STOP is released, in every edition of this key, with a button that takes a single line out. */
export function ReleaseList({ onRelease, onKeep }: ReleaseListProps) {
  const { words, say } = useWords();
  const { held, problem, refresh, takeOut } = useHeld();
  const list = useRef<HTMLOListElement>(null);
  const rows = useStill(held?.lines ?? [], useInside(list));
  const release = async () => {
    // A colleague may have sent a line since the list was read: nothing goes out that was not shown.
    const before = keyOf(held);
    const now = await refresh();
    if (now && keyOf(now) === before) onRelease();
  };
  const count = held ? held.lines.length + held.more : 0;
  const isEmpty = held !== null && count === 0;
  return (
    <section class="release card" aria-label={words.stop.willGoOut}>
      <h2 tabIndex={-1} ref={focusOnOpen}>
        {words.stop.willGoOut}
      </h2>
      <p class="quiet">{words.stop.yours}</p>
      {isEmpty && <p>{words.stop.nothing}</p>}
      <ol ref={list}>
        {rows.map((one) => (
          <HeldRow
            key={idOf(one)}
            {...one}
            isGone={held !== null && !held.lines.some((line) => idOf(line) === idOf(one))}
            onTakeOut={() => void takeOut(one)}
          />
        ))}
      </ol>
      {held !== null && held.more > 0 && <p class="more-lines">{say(words.stop.more, { count: held.more })}</p>}
      <ProblemBox problem={problem} />
      <p class="row actions">
        <button type="button" onClick={onKeep}>
          {words.stop.keep}
        </button>
        <button type="button" class="danger" disabled={held === null} onClick={() => void release()}>
          {isEmpty ? words.stop.letGoOn : say(words.stop.letGo, { count })}
        </button>
      </p>
    </section>
  );
}

interface HeldLine extends HeldItem {
  readonly edition: SiteEdition;
}

function idOf({ edition, item }: HeldLine): string {
  return `${edition.id} ${item.id}`;
}

/** The lines, new ones below. While `isInside`, those that have left keep their place: no button comes under the pointer. */
function useStill(lines: readonly HeldLine[], isInside: boolean): readonly HeldLine[] {
  const shown = useRef<readonly HeldLine[]>([]);
  const newest = new Map(lines.map((line) => [idOf(line), line]));
  const before = isInside ? shown.current.map((line) => newest.get(idOf(line)) ?? line) : [];
  const known = new Set(before.map(idOf));
  shown.current = [...before, ...lines.filter((line) => !known.has(idOf(line)))];
  return shown.current;
}

/** What goes out in all editions together. */
interface Held {
  readonly lines: readonly HeldLine[];
  /** Those that the lists of the server have no room for, at most. */
  readonly more: number;
}

/** A scheduled line that comes due is no change of an item. */
const rereadMs = 5_000;

/** Null until every edition has answered. It is read again when an item changes, and every few seconds. */
function useHeld() {
  const { api, feed, editions } = useDesk();
  const [held, setHeld] = useState<Held | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const asked = useRef(0);
  const refresh = useCallback(async (): Promise<Held | null> => {
    asked.current += 1;
    const number = asked.current;
    const answers = await Promise.all(
      editions.map(async (edition) => ({ edition, answer: await api.held(edition.id) })),
    );
    const failed = answers.find(({ answer }) => answer.type === 'problem')?.answer;
    const read = answers.flatMap(({ edition, answer }) => (answer.type === 'ok' ? [{ edition, ...answer.value }] : []));
    const all = {
      lines: read.flatMap(({ edition, items }) => items.map((one) => ({ ...one, edition }))),
      more: read.reduce((sum, { more }) => sum + more, 0),
    };
    if (number === asked.current) {
      setProblem(failed?.type === 'problem' ? failed.problem : null);
      setHeld(failed ? null : all);
    }
    return failed ? null : all;
  }, [api, editions.map(({ id }) => id).join()]);
  useEffect(() => {
    void refresh();
    const reread = setInterval(() => void refresh(), rereadMs);
    const stop = feed.onItem(() => void refresh());
    return () => {
      clearInterval(reread);
      stop();
    };
  }, [feed, feed.snapshots, refresh]);
  const takeOut = async ({ item, kind }: HeldLine) => {
    const answer = await (kind === 'release' ? api.act(item.id, 'withhold') : api.cancel(item.id, item.version));
    await refresh();
    if (answer.type === 'problem') setProblem(answer.problem);
  };
  return { held, problem, refresh, takeOut };
}

interface HeldRowProps extends HeldLine {
  /** It does not go out any more, or it is out. */
  readonly isGone: boolean;
  onTakeOut(): void;
}

function HeldRow({ item, kind, edition, isGone, onTakeOut }: HeldRowProps) {
  const { feed } = useDesk();
  const { words, say } = useWords();
  const { body, updatedAt, by } = item;
  const line = lineOf(body);
  return (
    <li class={isGone ? 'gone' : ''}>
      <EditionMark edition={edition} />
      <span class={body.urgency}>{words.box.urgencies[body.urgency]}</span>
      {kind !== 'publish' && <span>{words.stop.kinds[kind]}</span>}
      <bdi class="text" lang={body.language} dir={body.dir}>
        {line}
      </bdi>
      <time dateTime={new Date(updatedAt).toISOString()}>
        {relativeTime(updatedAt, Date.now() + feed.clockOffset, { language: words.language, numerals: 'latn' })}
      </time>
      <bdi class="by">{by}</bdi>
      {isGone ? (
        <span class="quiet">{words.list.gone}</span>
      ) : (
        <button type="button" aria-label={say(words.stop.takeOutLine, { line })} onClick={onTakeOut}>
          {words.stop.takeOut}
        </button>
      )}
    </li>
  );
}

function keyOf(held: Held | null): string {
  return JSON.stringify([held?.lines.map(({ item, kind }) => [item.id, item.version, kind]), held?.more]);
}
