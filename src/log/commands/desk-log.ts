import type { CommandKind, CommandState } from '../../item/command.ts';
import type { Facets } from '../../item/item.ts';
import type { DeskAction, ItemState } from '../../item/lifecycle.ts';

export interface AcceptRequest {
  readonly commandId: string;
  readonly itemId: string;
  readonly edition: string;
  readonly action: DeskAction;
  /** Required for `edit`: the newest accepted version that the caller has seen. */
  readonly ifMatch?: number;
  /** Refused as `wrong-state` unless the item is in this state when the script decides. Without it, any state. */
  readonly onlyIn?: ItemState;
  /** JSON of an ItemBody, with its facets; for publish and edit. */
  readonly body?: string;
  readonly facets?: Facets;
  /** Label of the entry of an edit. */
  readonly change?: 'corrected' | 'refile' | 'attached';
  /** ms; 0 = none. */
  readonly expiresAtMs?: number;
  readonly holdMs?: number;
  /** Absolute, ms, Redis' clock. */
  readonly publishAtMs?: number;
  /** A new item is a draft. An edit makes an item a draft that waits to go out. */
  readonly draft?: boolean;
  /** Refuses a publishAt of more than a minute ago, and an item that would be out after its expiresAt. */
  readonly timesAhead?: boolean;
  /** Refused as `warnings-refused`, unless the same request was accepted before. */
  readonly isWarned?: boolean;
  /** Refuses a flash as `flash-fuse` if so many were accepted in the last minute and it is not confirmed. Without it there is no fuse. */
  readonly fuse?: { readonly flashesPerMinute: number; readonly isConfirmed: boolean };
  readonly reason?: string;
  readonly notice?: string;
  /** Who asks: the id of the API key and the name of the person or system, for the audit trail. */
  readonly by: { readonly keyId: string; readonly name: string };
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
  /** Redis' clock, ms. The script refuses after it, so that a frozen Redis publishes nothing when it thaws. */
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
      /** Of the edition in the last minute, for `flash-fuse`; at most 1,000. */
      readonly flashes?: number;
    };

/** Why accept.lua refuses a request. */
export const acceptProblems = [
  'past-deadline',
  'item-not-found',
  'version-mismatch',
  'item-retracted',
  'wrong-state',
  'warnings-refused',
  'flash-fuse',
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
  /** The newest body (JSON of an ItemBody). The desk keeps it after a retraction; empty after a purge. */
  readonly body: string;
  readonly place: number | null;
  readonly publishedVersion: number | null;
  readonly acceptedAt: number;
  readonly dueAt: number | null;
  readonly publishedAt: number | null;
  readonly updatedAt: number;
  readonly by: { readonly keyId: string; readonly name: string };
  /** When a purge erased the desk's copies, ms; null if none did. */
  readonly purgedAt: number | null;
}

export interface CommandStatus {
  readonly id: string;
  readonly version: number;
  readonly state: CommandState;
  readonly seq?: number;
  readonly problem?: string;
}

/** The item in another edition. */
export interface Translation {
  readonly id: string;
  readonly edition: string;
  /** Newest accepted version. */
  readonly version: number;
  readonly state: ItemState;
  /** The version of the original that it translates; null on an original. */
  readonly of: number | null;
}

/** The original of an item, and its translations. */
export interface ItemTranslations {
  readonly original: Translation | null;
  readonly translations: readonly Translation[];
}

/** An item that a command is going to show, which is due or held for a moment more. */
export interface HeldItem {
  readonly item: DeskItem;
  readonly kind: 'publish' | 'correct' | 'release';
}

export interface HeldItems {
  readonly items: readonly HeldItem[];
  /** Further commands that are due. Each shows at most one item. */
  readonly more: number;
}

/** The part of the log that the API uses. Every method rejects within 2 s while Redis is unreachable. */
export interface DeskLog {
  /** Redis' clock as estimated here, ms: of the Redis that has this edition, without one that of the site's. */
  now(edition?: string): number;
  accept(request: AcceptRequest): Promise<AcceptOutcome>;
  /** For a command that an edit replaced: the status of the newest one. */
  status(edition: string, commandId: string): Promise<CommandStatus | null>;
  /** Resolves with the newest status once the command is published, refused or cancelled, at the latest after `waitMs`. */
  settled(edition: string, commandId: string, waitMs: number): Promise<CommandStatus | null>;
  /** Whether a worker appends the command at once. Resolves as soon as it has, or once the edition's workers are quiet. */
  isOverSoon(edition: string, commandId: string): Promise<boolean>;
  /** Which of these editions has the item. */
  editionOf(editions: readonly string[], itemId: string): Promise<string | null>;
  item(edition: string, id: string): Promise<DeskItem | null>;
  versions(edition: string, id: string): Promise<readonly DeskVersion[]>;
  /** Remembers that an item is a translation of another one. */
  linkTranslation(originalId: string, edition: string, id: string): Promise<void>;
  translations(editions: readonly string[], item: DeskItem): Promise<ItemTranslations>;
  /**
   * What goes out at the end of STOP: the items that a command is going to show which is due or held. Oldest due time first, at most
   * 100 commands.
   */
  held(edition: string): Promise<HeldItems>;
  /** Newest first acceptance first. `before` is the `next` of the page before. */
  list(
    edition: string,
    options: { readonly limit: number; readonly before?: string; readonly states?: readonly ItemState[] },
  ): Promise<{ readonly items: readonly DeskItem[]; readonly next?: string }>;
}
