/** Every key of an edition shares its hash tag, so that a script may touch them all in a cluster too. */
export interface EditionKeys {
  readonly base: string;
  /** hash: epoch, seq; hash and audit, the newest links of the chain. */
  readonly meta: string;
  /** stream of entry headers, ids `<seq>-0`. */
  readonly log: string;
  /** zset of item ids by place: what is shown, notices included. */
  readonly shown: string;
  /** zset of item ids by the time at which they were taken back, ms: what was shown and has been retracted, hidden or has expired; for feeds, 48 h. */
  readonly withdrawn: string;
  /** zset of item ids by the time of their first acceptance, ms. */
  readonly items: string;
  /** zset of command ids by due time, ms: accepted, and neither in the log nor refused nor cancelled. */
  readonly due: string;
  /** string: an epoch that a replica has found rewritten; all that a fan-out process may write of an edition. */
  readonly suspect: string;
  /** stream: who did what to an item, without its text. */
  readonly audit: string;
  /** hash: the item's record. */
  item(id: string): string;
  /** hash: version -> public text of that version (JSON of an ItemBody); erased by a retraction. */
  text(id: string): string;
  /** hash: version -> what the desk keeps of it (JSON of a DeskVersion). */
  versions(id: string): string;
  /** hash: one command. */
  command(id: string): string;
  /** hash: `<seq> <process>` -> what that fan-out process reported of the item's entry (JSON of a DeliveryReport). */
  delivery(id: string): string;
  /** string: `<commandId> <fingerprint>` of an Idempotency-Key, 24 h. */
  idempotency(keyId: string, key: string): string;
}

export function editionKeys(prefix: string, edition: string): EditionKeys {
  const base = `${prefix}:{${edition}}`;
  return {
    base,
    meta: `${base}:meta`,
    log: `${base}:log`,
    shown: `${base}:shown`,
    withdrawn: `${base}:withdrawn`,
    items: `${base}:items`,
    due: `${base}:due`,
    suspect: `${base}:suspect`,
    audit: `${base}:audit`,
    item: (id) => `${base}:item:${id}`,
    text: (id) => `${base}:text:${id}`,
    versions: (id) => `${base}:versions:${id}`,
    delivery: (id) => `${base}:delivery:${id}`,
    command: (id) => `${base}:command:${id}`,
    idempotency: (keyId, key) => `${base}:idempotency:${keyId}:${key}`,
  };
}

/** Where the desk of a site rehearses. */
export function rehearsalPrefix(prefix: string): string {
  return `${prefix}-test`;
}

/** string: which form the data of a site has (schema-version.ts). */
export function schemaKey(prefix: string): string {
  return `${prefix}:schema`;
}

/** string: the edition that an Idempotency-Key belongs to, 24 h. */
export function idempotencyClaimKey(prefix: string, keyId: string, key: string): string {
  return `${prefix}:idempotency:${keyId}:${key}`;
}

/** hash: by process, its newest call on the roll; ten minutes, and until it says goodbye (kept-roll.ts). */
export function rollKey(prefix: string): string {
  return `${prefix}:roll`;
}

/** Stands where an edition's id does; no edition can be called so. */
export const siteTrail = '_site';

/** Sign-ins have a trail of their own: however many there are, they push nothing out of the site's. */
export const signInTrail = '_sign-ins';

export const trails: readonly string[] = [siteTrail, signInTrail];

/** What was done with keys and the STOP switch stands in an audit trail of its own, chained as that of an edition. */
export function siteKeys(prefix: string): Pick<EditionKeys, 'base' | 'meta' | 'audit'> {
  return editionKeys(prefix, siteTrail);
}

/** What is published to: keys of no type. */
export interface Channels {
  /** Every fan-out process says here that it is there; api and fan-out processes listen. */
  readonly rollCall: string;
  /** Header and text of every entry. */
  entries(edition: string): string;
  /** Ids of commands that were published, refused or cancelled. */
  outcomes(edition: string): string;
}

/**
 * Pub/sub knows no database: the channels of every database but 0 carry its number, so that two sites which it alone keeps apart
 * hear nothing of each other.
 */
export function channelsOf(
  redis: { readonly options: { readonly db?: number | undefined } },
  prefix: string,
): Channels {
  const { db = 0 } = redis.options;
  const ending = db > 0 ? `@${db}` : '';
  return {
    rollCall: `${prefix}:rollcall${ending}`,
    entries: (edition) => `${editionKeys(prefix, edition).base}:entries${ending}`,
    outcomes: (edition) => `${editionKeys(prefix, edition).base}:outcomes${ending}`,
  };
}
