import { timeIn } from '../composer/review.tsx';
import { useEdition } from '../desk-context.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';

/** The state of an item, its time, and the editor behind it. */
export function About({ item }: { readonly item: DeskItem }) {
  const edition = useEdition();
  const { words, say } = useWords();
  const { state, body, updatedAt, dueAt, by, version } = item;
  return (
    <p class="about">
      <span class={`badge ${state}`}>{words.list.states[state]}</span>
      {body.urgency === 'flash' && <span class="flash">{words.box.urgencies.flash}</span>}
      <time dateTime={new Date(updatedAt).toISOString()}>{new Date(updatedAt).toLocaleTimeString('en-GB')}</time>
      {dueAt !== null && state === 'scheduled' && (
        <span>{say(words.list.goesOutAt, { time: timeIn(edition, dueAt) })}</span>
      )}
      {body.expiresAt !== undefined && state !== 'expired' && state !== 'retracted' && (
        <span>{say(words.list.leavesAt, { time: timeIn(edition, Date.parse(body.expiresAt)) })}</span>
      )}
      <bdi class="by">{by}</bdi>
      <span class="version">v{version}</span>
    </p>
  );
}
