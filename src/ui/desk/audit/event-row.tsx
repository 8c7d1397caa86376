import { useDesk } from '../desk-context.ts';
import { lineHash } from '../list/linked-line.ts';
import { type AuditEvent, hashOf } from '../remote/audit-page.ts';
import { Moment } from '../words/moment.tsx';
import { type DeskWords, isolated, useWords } from '../words/words.ts';

/** One event: a sentence, the line that it is about, and ways to it. */
export function EventRow({ event }: { readonly event: AuditEvent }) {
  const { editions } = useDesk();
  const { words, say } = useWords();
  const { at, name, itemId, item, version } = event;
  const key = keyIn(event);
  const roles: Readonly<Record<string, string>> = words.roles;
  const values = {
    name: isolated(name),
    edition: isolated(editions.find(({ id }) => id === event.edition)?.name ?? event.edition),
    version: version ?? 0,
    who: isolated(key?.name ?? ''),
    role: roles[key?.role ?? ''] ?? key?.role ?? '',
    action: event.action,
  };
  return (
    <li class="event">
      <p class="what">{say(sentenceOf(words, event.action), values)}</p>
      <p class="quiet">
        <Moment at={Date.parse(at)} withSeconds />
        {item?.state && <span>{say(words.audit.now, { state: words.list.states[item.state] })}</span>}
      </p>
      {item?.line && (
        <p class="text" lang={item.line.language} dir={item.line.dir}>
          <bdi>{item.line.text}</bdi>
        </p>
      )}
      {itemId !== '' && !item?.line && <p class="quiet">{words.audit.noLine}</p>}
      {!key && event.detail !== '' && (
        <p class="detail">{say(words.audit.reason, { reason: isolated(event.detail) })}</p>
      )}
      {itemId !== '' && <ItemLinks event={event} />}
    </li>
  );
}

function ItemLinks({ event: { itemId, edition, item } }: { readonly event: AuditEvent }) {
  const { words } = useWords();
  return (
    <p class="row links">
      <a href={hashOf({ item: itemId })}>{words.audit.onlyThis}</a>
      {item && <a href={lineHash(edition, itemId)}>{words.audit.inList}</a>}
      {item?.hasPublicPage && (
        <a href={`/item/${itemId}`} target="_blank" rel="noopener">
          {words.audit.publicPage}
        </a>
      )}
    </p>
  );
}

/** An action of a later version has no sentence here. */
function sentenceOf({ audit }: DeskWords, action: string): string {
  const sentences: Readonly<Record<string, string>> = audit.sentences;
  return Object.hasOwn(sentences, action) ? (sentences[action] ?? '') : audit.sentences.unnamed;
}

const ofKeys = ['create-key', 'revoke-key', 'end-session'];

/** The key that an event is about: `<id> <role> <name>`. 0.2 noted the id alone where it revoked one. */
function keyIn({ action, detail }: AuditEvent): { readonly role: string; readonly name: string } | null {
  if (!ofKeys.includes(action)) return null;
  const [, id = '', role = '', name = id] = /^(\S+)(?: (\S+) (.+))?$/.exec(detail) ?? [];
  return { role, name };
}
