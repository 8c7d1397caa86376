/**
 * The name of every key and channel in Redis. No other file builds one (test/log/redis/redis-keys.test.ts); Lua scripts use
 * prelude.lua. ARCHITECTURE.md describes what each key holds.
 */

/** All keys of an edition share its hash tag, so that one script may use them in a cluster too. */
export interface EditionKeys {
  readonly base: string;
  /** hash: epoch, seq; hash and audit, the newest links of the chain. */
  readonly meta: string;
  /** stream of entry headers, ids `<seq>-0`. */
  readonly log: string;
  /** zset of item ids by place: shown items, and notices that are still due. */
  readonly shown: string;
  /** zset of item ids by time, ms: items that were shown and then retracted, withheld or expired; for feeds, 48 h. */
  readonly withdrawn: string;
  /** zset of item ids by the time of their first acceptance, ms. */
  readonly items: string;
  /** zset of command ids by due time, ms: accepted, and neither appended nor refused nor cancelled. */
  readonly due: string;
  /** string: the sources that editors have confirmed (JSON). */
  readonly sources: string;
  /** list: when the newest flashes were accepted, ms, newest first; a minute. */
  readonly flashes: string;
  /** string: an epoch that a replica found rewritten; the only key of an edition that a fan-out process may write. */
  readonly suspect: string;
  /** stream: who did what to an item, without its text. */
  readonly audit: string;
  /** hash: the item's record. */
  item(id: string): string;
  /** hash: version -> public text of that version (JSON of an ItemBody); deleted by a retraction. */
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
    sources: `${base}:sources`,
    flashes: `${base}:flashes`,
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

/** In place of an edition's id: the audit trail of keys and of the STOP switch. No edition can have this id. */
export const siteTrail = '_site';

/** Sign-ins have a trail of their own, so that any number of them pushes nothing out of the site's trail. */
export const signInTrail = '_sign-ins';

export const trails: readonly string[] = [siteTrail, signInTrail];

/** Keys of the whole site. */
export interface SiteKeys {
  /** string: the form of the data (schema-version.ts). */
  readonly schema: string;
  /** hash: who stopped, when and why; none while STOP is off. */
  readonly stop: string;
  /** hash: process -> its newest call on the roll; ten minutes, or until it says goodbye (kept-roll.ts). */
  readonly roll: string;
  /** set: the ids of all API keys. */
  readonly apiKeys: string;
  /** stream: the site's audit trail in schema 1. */
  readonly auditOfSchema1: string;
  /** hash: an API key. */
  apiKey(keyId: string): string;
  /** string: `<key id>:<mark>:<started, ms>:<last seen, ms>:<browser>` of a session, by the SHA-256 of its token. */
  session(digest: string): string;
  /** list: the sessions of an API key, newest first. */
  sessions(keyId: string): string;
  /** string: how often an API key did something in a window. `what` is empty for requests. */
  rate(what: string, keyId: string, window: number): string;
  /** set: `<edition> <item id>` of every translation of an item. */
  translations(itemId: string): string;
  /** string: the editors with an open desk at an api process (presence.ts); 25 s. */
  presence(process: string): string;
  /** string: the edition that an Idempotency-Key belongs to, 24 h. */
  idempotency(keyId: string, key: string): string;
}

export function siteKeys(prefix: string): SiteKeys {
  return {
    schema: `${prefix}:schema`,
    stop: `${prefix}:stop`,
    roll: `${prefix}:roll`,
    apiKeys: `${prefix}:keys`,
    auditOfSchema1: `${prefix}:audit`,
    apiKey: (keyId) => `${prefix}:key:${keyId}`,
    session: (digest) => `${prefix}:session:${digest}`,
    sessions: (keyId) => `${prefix}:sessions:${keyId}`,
    rate: (what, keyId, window) => `${prefix}:rate:${what === '' ? '' : `${what}:`}${keyId}:${window}`,
    translations: (itemId) => `${prefix}:translations:${itemId}`,
    presence: (process) => `${prefix}:presence:${process}`,
    idempotency: (keyId, key) => `${prefix}:idempotency:${keyId}:${key}`,
  };
}

/** Prefix of the store in which the desk of a site rehearses. */
export function rehearsalPrefix(prefix: string): string {
  return `${prefix}-test`;
}

/** The prefix of the site that would rehearse under this prefix; null where none would. */
export function rehearsingSite(prefix: string): string | null {
  const site = prefix.replace(/-test$/, '');
  return rehearsalPrefix(site) === prefix ? site : null;
}

/** Prefix of the API keys with which a process posts its own canary. */
export function canaryPrefix(prefix: string): string {
  return `${prefix}:own`;
}

/** BullMQ's keys of one queue. */
export interface QueueKeys {
  /** list: waiting jobs, the next one last. */
  readonly wait: string;
  /** list: jobs that a worker has taken. */
  readonly active: string;
  /** zset: dead letters by time. */
  readonly failed: string;
  /** hash: settings; `paused` while STOP holds the queue. */
  readonly meta: string;
  /** hash: a job. */
  job(id: string): string;
  /** string: the lock of the worker that has taken the job. */
  lock(id: string): string;
  /** list: log lines of a job. */
  logs(id: string): string;
}

/** The prefix that BullMQ puts in front of the name of a queue: its hash tag is the edition's. */
export function queuePrefix(prefix: string, edition: string): string {
  return `${editionKeys(prefix, edition).base}:queue`;
}

/** `queue` is `publish` or `urgent` (src/queue/job.ts). */
export function queueKeys(prefix: string, edition: string, queue: string): QueueKeys {
  const base = `${queuePrefix(prefix, edition)}:${queue}`;
  return {
    wait: `${base}:wait`,
    active: `${base}:active`,
    failed: `${base}:failed`,
    meta: `${base}:meta`,
    job: (id) => `${base}:${id}`,
    lock: (id) => `${base}:${id}:lock`,
    logs: (id) => `${base}:${id}:logs`,
  };
}

/** Names of pub/sub channels. */
export interface Channels {
  /** Every fan-out process reports here once a second; api processes listen. */
  readonly rollCall: string;
  /** One api process says here once a second how many fan-out processes are present; fan-outs listen. */
  readonly fleet: string;
  /** Header and text of every entry. */
  entries(edition: string): string;
  /** `<kind> <id>` of each command that is due at its acceptance: it wakes the workers. */
  accepted(edition: string): string;
  /** Ids of commands that were published, refused or cancelled. */
  outcomes(edition: string): string;
  /** What open desks have to know, without text (desk-news.ts). */
  readonly desk: string;
}

/**
 * Pub/sub does not distinguish databases. The channels of every database but 0 carry its number, so that two sites in two
 * databases of one Redis do not receive each other's messages.
 */
export function channelsOf({ options }: { readonly options: object }, prefix: string): Channels {
  // A cluster has database 0 only.
  const ending = 'db' in options && options.db !== undefined && options.db !== 0 ? `@${options.db}` : '';
  return {
    rollCall: `${prefix}:rollcall${ending}`,
    fleet: `${prefix}:fleet${ending}`,
    entries: (edition) => `${editionKeys(prefix, edition).base}:entries${ending}`,
    accepted: (edition) => `${editionKeys(prefix, edition).base}:accepted${ending}`,
    outcomes: (edition) => `${editionKeys(prefix, edition).base}:outcomes${ending}`,
    desk: `${prefix}:desk${ending}`,
  };
}

/** Patterns for SCAN. */
export interface KeyPatterns {
  /** Every key of the site. */
  readonly all: string;
  /** Every key of its editions and trails. */
  readonly ofEditions: string;
  /** The dead letters of every queue. */
  readonly failedJobs: string;
}

export function keyPatterns(prefix: string): KeyPatterns {
  return {
    all: `${prefix}:*`,
    ofEditions: `${editionKeys(prefix, '*').base}:*`,
    failedJobs: queueKeys(prefix, '*', '*').failed,
  };
}

/** A key without its prefix, as archives have it. */
export function nameOf(prefix: string, key: string): string {
  return key.slice(prefix.length + 1);
}

/** The key of this name. */
export function keyOf(prefix: string, name: string): string {
  return `${prefix}:${name}`;
}

/** `{en}:text:01..` is `text:01..` of the edition `en`; null for a key of the whole site. */
export function editionOfName(name: string): { readonly edition: string; readonly rest: string } | null {
  const [, edition, rest] = /^\{([^}]*)\}:(.+)$/s.exec(name) ?? [];
  return edition === undefined || rest === undefined ? null : { edition, rest };
}
