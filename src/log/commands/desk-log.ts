import type { CommandKind, CommandState } from '../../item/command.ts';
import type { Facets } from '../../item/item.ts';
import type { DeskAction, ItemState } from '../../item/lifecycle.ts';

export interface AcceptRequest {
  readonly commandId: string;
  readonly itemId: string;
  readonly edition: string;
  readonly action: DeskAction;
  /** Required for `edit`: the newest accepted version that the caller saw. */
  readonly ifMatch?: number;
  /** Refused as `wrong-state` unless the item is in this state at the moment of the decision; any state without it. */
  readonly onlyIn?: ItemState;
  /** JSON of an ItemBody, with its facets; for publish and edit. */
  readonly body?: string;
  readonly facets?: Facets;
  /** Label of the entry for an edit: corrected | refile | attached. */
  readonly change?: 'corrected' | 'refile' | 'attached';
  /** ms; 0 = none. */
  readonly expiresAtMs?: number;
  readonly holdMs?: number;
  /** Absolute, ms, Redis' clock. */
  readonly publishAtMs?: number;
  readonly draft?: boolean;
  /** Refused where its publishAt is more than a minute ago, or where it would be out after its expiresAt. */
  readonly timesAhead?: boolean;
  readonly reason?: string;
  readonly notice?: string;
  /** Who: the key's id and the person's or system's name, for the audit. */
  readonly by: { readonly keyId: string; readonly name: string };
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
  /** Redis' clock, ms: past it the script refuses, so that a frozen Redis that thaws publishes nothing. */
  readonly deadlineMs: number;
}

export type AcceptOutcome =
  | {
      readonly type: 'accepted';
      readonly id: string;
      readonly version: number;
      readonly state: CommandState;
      readonly commandId: string;
      readonly dueAt: number;
      readonly kind: CommandKind;
      readonly replayed: boolean;
      readonly seq: number | null;
    }
  | {
      readonly type: 'refused';
      readonly problem: AcceptProblem;
      readonly version?: number;
      readonly state?: ItemState;
    };

/** Why accept.lua refuses a request. */
export const acceptProblems = [
  'past-deadline',
  'item-not-found',
  'version-mismatch',
  'item-retracted',
  'wrong-state',
  'idempotency-mismatch',
  'id-in-use',
  'publish-past',
  'expires-past',
] as const;
export type AcceptProblem = (typeof acceptProblems)[number];

export interface DeskVersion {
  readonly version: number;
  readonly action: DeskAction;
  readonly commandId: string;
  readonly at: number;
  readonly by: { readonly keyId: string; readonly name: string };
  readonly body: string;
  readonly reason?: string;
  readonly notice?: string;
}

export interface DeskItem {
  readonly id: string;
  readonly edition: string;
  /** Newest accepted version. */
  readonly version: number;
  readonly state: ItemState;
  /** The newest body (JSON of an ItemBody), kept for the desk after a retraction too; empty once purged. */
  readonly body: string;
  readonly place: number | null;
  readonly publishedVersion: number | null;
  readonly acceptedAt: number;
  readonly dueAt: number | null;
  readonly publishedAt: number | null;
  readonly updatedAt: number;
  readonly by: { readonly keyId: string; readonly name: string };
  /** When the desk's own copies were erased, ms; null while they stand. */
  readonly purgedAt: number | null;
}

export interface CommandStatus {
  readonly id: string;
  readonly version: number;
  readonly state: CommandState;
  readonly seq?: number;
  readonly problem?: string;
}

/** An item as another edition has it. */
export interface Translation {
  readonly id: string;
  readonly edition: string;
  /** Newest accepted version. */
  readonly version: number;
  readonly state: ItemState;
  /** The version of the original that it was made from; null on an original. */
  readonly of: number | null;
}

/** Where an item stands among its translations. */
export interface Family {
  readonly original: Translation | null;
  readonly translations: readonly Translation[];
}

/** What the desk API needs of the log. All reject when Redis is away, after at most 2 s. */
export interface DeskLog {
  /** Redis' clock as estimated here, ms. */
  now(): number;
  accept(request: AcceptRequest): Promise<AcceptOutcome>;
  /** A command that an edit replaced answers for the one that replaced it. */
  status(edition: string, commandId: string): Promise<CommandStatus | null>;
  /** Resolves with the newest status once the command is published, refused or cancelled, or when `waitMs` is over. */
  settled(edition: string, commandId: string, waitMs: number): Promise<CommandStatus | null>;
  /** Which of these editions holds the item. */
  editionOf(editions: readonly string[], itemId: string): Promise<string | null>;
  item(edition: string, id: string): Promise<DeskItem | null>;
  versions(edition: string, id: string): Promise<readonly DeskVersion[]>;
  /** Remembers that an item is a translation of another one. */
  linkTranslation(originalId: string, edition: string, id: string): Promise<void>;
  family(editions: readonly string[], item: DeskItem): Promise<Family>;
  /** Newest accepted first; `before` is the cursor that the page before gave. */
  list(
    edition: string,
    options: { readonly limit: number; readonly before?: string; readonly states?: readonly ItemState[] },
  ): Promise<{ readonly items: readonly DeskItem[]; readonly next?: string }>;
}
