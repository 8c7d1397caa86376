import { useDesk } from '../desk-context.ts';
import { type DeskItem, isChangeWaiting, isStoppable } from '../remote/desk-item.ts';
import { useTimes } from '../words/times.ts';
import { useWords } from '../words/words.ts';

/** The state of an item, its time, and the editor behind it. */
export function About({ item }: { readonly item: DeskItem }) {
  const { feed, stopped } = useDesk();
  const { clockParts, moment } = useTimes();
  const { words, say } = useWords();
  const { state, body, updatedAt, dueAt, by, version } = item;
  const [time, own] = clockParts(updatedAt);
  return (
    <p class="about">
      <span class={`badge ${state}`}>{words.list.states[state]}</span>
      {body.urgency === 'flash' && <span class="flash">{words.box.urgencies.flash}</span>}
      <time dateTime={new Date(updatedAt).toISOString()}>
        <span>{time}</span>
        {own && <span> {own}</span>}
      </time>
      {dueAt !== null && state === 'scheduled' && <span>{say(words.list.goesOutAt, { time: moment(dueAt) })}</span>}
      {body.expiresAt !== undefined && state !== 'expired' && state !== 'retracted' && (
        <span>{say(words.list.leavesAt, { time: moment(Date.parse(body.expiresAt)) })}</span>
      )}
      <Waiting item={item} isStopped={stopped !== null && isStoppable(item, Date.now() + feed.clockOffset)} />
      <bdi class="by">{by}</bdi>
      {version > 1 && <span class="version">v{version}</span>}
    </p>
  );
}

/** Why readers do not have the newest version. */
function Waiting({ item, isStopped }: { readonly item: DeskItem; readonly isStopped: boolean }) {
  const { words } = useWords();
  const isChange = isChangeWaiting(item);
  if (isStopped) return <strong class="waits">{isChange ? words.list.changeStopped : words.list.stopped}</strong>;
  return isChange ? <strong class="waits">{words.list.changeWaits}</strong> : null;
}
