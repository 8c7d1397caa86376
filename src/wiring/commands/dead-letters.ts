import type { Arguments } from '../../cli/arguments.ts';
import { jsonLine, plain, type Terminal } from '../../cli/terminal.ts';
import { ArchiveError } from '../../log/archive/archive.ts';
import type { RedisConnection } from '../../log/redis/shards.ts';
import { type DeadLetter, listDeadLetters, removeDeadLetter } from '../../queue/dead-letters.ts';

/** `flashwire dead-letters [list] | remove <id>`. */
export async function runDeadLetters(
  open: () => Promise<RedisConnection>,
  prefix: string,
  args: Arguments,
  terminal: Terminal,
): Promise<void> {
  const [, verb = 'list', id = ''] = args.words;
  const redis = await open();
  if (verb === 'list') {
    const letters = await listDeadLetters(redis, prefix);
    if (args.is('json')) terminal.out(jsonLine({ deadLetters: letters.map(viewOf) }));
    else terminal.out(letters.length === 0 ? 'no dead letters' : letters.map(lineOf).join('\n'));
  } else {
    const queues = await removeDeadLetter(redis, prefix, id);
    if (queues.length === 0)
      throw new ArchiveError(`dead letter ${printed(id)} does not exist; \`flashwire dead-letters list\` shows them`);
    terminal.out(
      args.is('json') ? jsonLine({ id, queues }) : `${printed(id)} is removed from ${queues.map(printed).join(', ')}`,
    );
  }
}

function viewOf({ failedAt, ...letter }: DeadLetter) {
  return { ...letter, failedAt: timeOf(failedAt) };
}

function lineOf({ queue, id, kind, edition, itemId, failedAt, attempts, reason }: DeadLetter): string {
  const what = [kind ?? 'unreadable', ...(itemId === null ? [] : [`${edition}/${itemId}`])].join(' ');
  const when = `${timeOf(failedAt) ?? 'at an unknown time'} after ${attempts ?? 'unknown'} attempt${attempts === 1 ? '' : 's'}`;
  return `${printed(queue)} ${printed(id)} ${printed(what)}: ${when}: ${printed(reason ?? 'no reason')}`;
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** Another program may have written the text: one line, without control characters. */
function printed(text: string): string {
  const line = plain`${text}`;
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
