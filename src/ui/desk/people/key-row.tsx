import { useRef, useState } from 'preact/hooks';
import { useDesk } from '../desk-context.ts';
import type { Key, Session } from '../remote/access.ts';
import { hashOf } from '../remote/audit-page.ts';
import { momentText } from '../words/moment.tsx';
import { type DeskWords, useWords } from '../words/words.ts';
import { Revocation } from './revocation.tsx';

interface KeyRowProps {
  readonly keyOf: Key;
  /** The rights of its role; null for a role that the API does not list. */
  readonly may: readonly string[] | null;
  /** Revoked or expired. */
  readonly isOver: boolean;
  /** Opened with it. */
  readonly sessions: readonly Session[];
  readonly now: number;
  onSessions(): void;
  /** True once it is revoked. */
  onRevoke(): Promise<boolean>;
}

/** One key: whose it is, what it may do where, and its use. */
export function KeyRow({ keyOf: key, may, isOver, sessions, now, onSessions, onRevoke }: KeyRowProps) {
  const { who, editions } = useDesk();
  const { words, say } = useWords();
  const { people } = words;
  const [isAsking, setAsking] = useState(false);
  const revokeButton = useRef<HTMLButtonElement>(null);
  const nameOf = (edition: string) => editions.find(({ id }) => id === edition)?.name ?? edition;
  return (
    <li class="card key" data-key={key.keyId}>
      <h4>
        <bdi>{key.name}</bdi> {key.keyId === who.keyId && <span class="role">{people.you}</span>}
      </h4>
      <p>{roleText(words, key.role, may)}</p>
      <p>{key.editions === null ? people.allEditions : listOf(words, key.editions.map(nameOf))}</p>
      <p class="quiet facts">
        <span>{useText(words, key.lastUsedAt)}</span>
        {key.revokedAt === null ? (
          <span>
            {key.expiresAt === null
              ? people.noExpiry
              : say(people.expires, { time: momentText(key.expiresAt, words.language) })}
          </span>
        ) : (
          <span>{say(people.revoked, { time: momentText(key.revokedAt, words.language) })}</span>
        )}
        {!isOver && <span>{say(people.openSessions, { number: sessions.length })}</span>}
      </p>
      <p class="row actions">
        <a href={hashOf({ person: key.keyId })}>{people.didWhat}</a>
        {sessions.length > 0 && (
          <button
            type="button"
            class="show-sessions"
            aria-label={`${people.sessions}: ${key.name}`}
            onClick={onSessions}
          >
            {people.sessions}
          </button>
        )}
        {!isOver && (
          <button
            type="button"
            class="revoke danger-quiet"
            ref={revokeButton}
            aria-label={`${people.revoke}: ${key.name}`}
            onClick={() => setAsking(true)}
          >
            {people.revoke}
          </button>
        )}
      </p>
      {isAsking && (
        <Revocation
          keyOf={key}
          sessions={sessions}
          now={now}
          onRevoke={async () => {
            if (await onRevoke()) setAsking(false);
          }}
          onKeep={() => {
            setAsking(false);
            revokeButton.current?.focus();
          }}
        />
      )}
    </li>
  );
}

/** A role in words: its name and its rights. Names and rights of a later version are shown as they are. */
export function roleText(words: DeskWords, role: string, may: readonly string[] | null): string {
  const names: Readonly<Record<string, string>> = words.roles;
  const rights: Readonly<Record<string, string>> = words.people.rights;
  const name = names[role] ?? role;
  return may === null
    ? name
    : `${name}: ${listOf(
        words,
        ['draft', ...may].map((right) => rights[right] ?? right),
      )}`;
}

function listOf({ language }: DeskWords, parts: readonly string[]): string {
  return new Intl.ListFormat(language).format(parts);
}

function useText({ people, language }: DeskWords, lastUsedAt: number | null): string {
  if (lastUsedAt === null) return people.useUnknown;
  return lastUsedAt === 0 ? people.neverUsed : people.lastUsed.replace('{time}', momentText(lastUsedAt, language));
}
