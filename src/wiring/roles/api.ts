import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Redis } from 'ioredis';
import type { Metric } from 'prom-client';
import { monotonicFactory } from 'ulid';
import { FailedKeys } from '../../api/access/failed-keys.ts';
import { KeyStore } from '../../api/access/key-store.ts';
import { otherLimits, RateLimit } from '../../api/access/rate-limit.ts';
import { createSessions, noSessions } from '../../api/access/session.ts';
import { type ApiDeps, createApi } from '../../api/api.ts';
import type { Deliveries } from '../../api/deliveries.ts';
import { sendProblem } from '../../api/http-problem.ts';
import { type ApiMeter, silentMeter } from '../../api/meter.ts';
import { noDeliveries, RehearsalPublisher } from '../../api/rehearsal.ts';
import { createStopSwitch } from '../../api/stop-switch.ts';
import { canaryEdition, canarySite } from '../../item/canary.ts';
import { createConfirmedSources } from '../../log/commands/confirmed-sources.ts';
import { createDeskLog } from '../../log/commands/redis-desk-log.ts';
import { createWorkerLog } from '../../log/commands/redis-worker-log.ts';
import { canaryPrefix, rehearsalPrefix } from '../../log/redis/redis-keys.ts';
import { type RedisConnection, Shards } from '../../log/redis/shards.ts';
import { listenForOtherSite, type OwnSite } from '../../log/rollcall/other-site.ts';
import { createAudit } from '../../log/trail/audit.ts';
import type { RequestHandler } from '../../ops/http-server.ts';
import { createApiMetrics } from '../../ops/metrics/api.ts';
import { Readiness } from '../../ops/readiness.ts';
import type { Durability } from '../../ops/redis/durability.ts';
import { openTraces } from '../../ops/traces.ts';
import { problemTypes } from '../../protocol/problem.ts';
import { createBackgroundPublisher } from '../../queue/background-publisher.ts';
import { BullPublisher } from '../../queue/bull-publisher.ts';
import { createPatientPublisher } from '../../queue/patient-publisher.ts';
import { noticeIn } from '../../ui/strings/strings.ts';
import { requireSchema } from '../schema.ts';
import { readVersion } from '../site-file.ts';
import { traceApi } from '../traced.ts';
import { type Durable, openDurable } from './durable.ts';
import { openHubs } from './hubs.ts';
import type { Process } from './process.ts';
import { openApiRoll } from './roll-call.ts';

export interface ApiRole {
  readonly handle: RequestHandler;
  /** The API for the canary of this process, and its only key. */
  readonly own: { readonly handle: RequestHandler; readonly key: string };
  readonly readiness: Readiness;
  readonly ownSite: OwnSite;
  readonly metrics: readonly Metric[];
  /** What accepted items rest on; null before the first look. */
  durability(): Durability | null;
  /** Null: ready. Otherwise the reason, as one line. */
  whyNotReady(): string | null;
  /** Further lines of the health page. Anybody may read it, so it has the state only; the log says why. */
  notes(): readonly string[];
  /** This host's clock minus Redis' clock, ms. */
  skewMs(): number;
  /** Resolves once Redis has answered for the first time, with a known schema; rejects with a SchemaError. */
  readonly started: Promise<void>;
  /** Ends the streams of all open desks, which then reconnect. */
  endStreams(): Promise<void>;
  close(): Promise<void>;
}

/** Opens everything that needs a key. `clientOf` is the address that a request counts for. */
export async function openApiRole(self: Process, clientOf: ClientOf): Promise<ApiRole> {
  const { config, editions, logger, connect, subscribe } = self;
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const redis = connect('command', 'desk');
  const subscriber = subscribe('outcomes');
  const shards = new Shards(redis, prefix, [...editions, canaryEdition.id]);
  const now = (edition?: string) => (edition === undefined ? shards.site : shards.of(edition)).clock.now();
  const heard = openApiRoll(self, { redis, subscriber }, now);
  const { deliveries } = heard;
  const publisher = new BullPublisher({
    connection: connect('command', 'queue'),
    prefix,
    editions: [...editions, canaryEdition.id],
    now,
    onError: (error) => logger.warn({ reason: error.message }, 'queue connection failed'),
  });
  const durable = openDurable(self, redis);
  const durability = () => durable.watch.durability();
  const outcomes = ['read', 'accepted', ...Object.keys(problemTypes)];
  const { metrics, meter } = createApiMetrics(outcomes, () => apps.openDesks());
  const apps = createApps(self, { redis, subscriber, shards, publisher, deliveries, meter, durable, clientOf });
  let hasStarted = false;
  const started = requireSchema(self, redis, 'migrate').then(() => {
    hasStarted = true;
    heard.start();
  });
  started.catch(() => undefined); // the role awaits `started`
  const onceStarted =
    (handle: RequestHandler): RequestHandler =>
    (request, response) =>
      (!hasStarted && request.url?.startsWith('/v1/') && answerNotYet(response, meter)) || handle(request, response);
  // An api whose canaries are refused becomes unready only while the canaries of others are accepted.
  const readiness = new Readiness({ now: () => performance.now(), peers: heard.counts });
  await shards.start();
  return {
    handle: onceStarted((request, response) => apps.rehearsal(request, response) || apps.desk(request, response)),
    own: { ...apps.own, handle: onceStarted(apps.own.handle) },
    readiness,
    ownSite: listenForOtherSite(subscriber, prefix, config.FLASHWIRE_PUBLIC_URL),
    metrics,
    durability,
    whyNotReady: () => (hasStarted ? readiness.whyNot() : 'Redis has not answered yet'),
    notes: () => [durability()].flatMap((found) => (found ? [`redis: ${found.state}`] : [])),
    skewMs: () => shards.site.clock.skewMs(),
    started,
    endStreams: () => apps.endStreams(),
    close: async () => {
      shards.stop();
      durable.watch.stop();
      await apps.close();
      await deliveries.close();
      await heard.close();
      redis.disconnect();
    },
  };
}

interface Shared {
  readonly redis: RedisConnection;
  readonly subscriber: Redis;
  readonly shards: Shards;
  readonly publisher: BullPublisher;
  readonly deliveries: Deliveries;
  readonly meter: ApiMeter;
  readonly durable: Durable;
  readonly clientOf: ClientOf;
}

type ClientOf = (request: IncomingMessage) => string;

/** The API three times: for clients, for rehearsals, and for the canary of this process. */
function createApps(self: Process, shared: Shared) {
  const { config, site, editions, logger } = self;
  const { redis, shards, publisher, deliveries, subscriber, meter } = shared;
  const prefix = config.FLASHWIRE_REDIS_PREFIX;
  const now = () => shards.site.clock.now();
  const keys = new KeyStore({ redis, prefix, bootstrapKey: config.FLASHWIRE_BOOTSTRAP_KEY, now });
  const onLost = (error: unknown, { action, keyId }: { readonly action: string; readonly keyId: string }) =>
    logger.error({ err: error, action, keyId }, 'audit event lost');
  const withCanary = [...editions, canaryEdition.id];
  const itemDays = config.FLASHWIRE_ITEM_DAYS;
  const acceptance = { prefix, editions: withCanary, itemDays, replicated: shared.durable.replicated };
  const log = createDeskLog({ shards, subscriber, ...acceptance });
  const stop = createStopSwitch({ redis, prefix, publisher, now });
  const store = openRehearsal(self, shared);
  const durability = () => shared.durable.watch.durability()?.state ?? null;
  const { hub, testHub, lines, testLines } = openHubs(self, { ...shared, durability, log, stop, rehearsal: store });
  const traces = openTraces(readVersion());
  const traced = traces && traceApi(traces, (edition) => log.now(edition));
  const patient = createPatientPublisher(publisher, log);
  const deps: ApiDeps = {
    base: '/v1',
    log: traced?.log(log) ?? log,
    publisher: createBackgroundPublisher(traced?.publisher(patient) ?? patient, log, logger),
    keys,
    sessions: createSessions({ redis, prefix, keys, publicUrl: config.FLASHWIRE_PUBLIC_URL, now }),
    stop,
    hub,
    audit: createAudit({ redis, prefix, onLost }),
    deliveries,
    version: readVersion(),
    durability,
    site,
    lines,
    sources: createConfirmedSources({ redis, prefix }),
    noticeIn,
    rateLimit: new RateLimit(redis, prefix, config.FLASHWIRE_POST_RATE, now),
    limits: otherLimits(redis, prefix, now),
    failedKeys: openFailedKeys(self, shared.clientOf),
    newId: monotonicFactory(),
    meter,
    logger,
  };
  const audit = createAudit({ redis, prefix: store.prefix, onLost });
  const rehearsal = createApi({
    ...deps,
    ...store,
    base: '/v1/test',
    lines: testLines,
    audit,
    hub: testHub,
    deliveries: noDeliveries,
    meter: silentMeter,
  });
  return {
    desk: (traced?.handler ?? ((handle) => handle))(under('/v1/', createApi(deps))),
    rehearsal: underTest(rehearsal),
    own: createCanaryApi(deps, redis, prefix),
    openDesks: () => hub.size + testHub.size,
    endStreams: async () => void (await Promise.all([hub.drain(), testHub.drain()])),
    close: async () => void (await Promise.all([deps.publisher.close(), store.publisher.close()])),
  };
}

/** The API for the canary of this process, with a key that only this process has. */
function createCanaryApi(deps: ApiDeps, redis: RedisConnection, prefix: string): ApiRole['own'] {
  const key = `fw_canary_${randomBytes(24).toString('base64url')}`;
  const api = createApi({
    ...deps,
    site: canarySite,
    keys: new KeyStore({ redis, prefix: canaryPrefix(prefix), bootstrapKey: key }),
    sessions: noSessions,
    rateLimit: { take: () => undefined },
    meter: silentMeter,
  });
  return { handle: under('/v1/items', api), key };
}

function openFailedKeys({ logger }: Process, clientOf: ClientOf): FailedKeys {
  return new FailedKeys({
    perMinute: 60,
    addressOf: clientOf,
    now: () => performance.now(),
    onMany: (address) => logger.warn({ address }, 'many failed keys'),
  });
}

/** The log of rehearsals: a prefix of its own in Redis, which no fan-out follows. */
function openRehearsal(
  { config, editions, logger }: Process,
  { subscriber, shards }: { readonly subscriber: Redis; readonly shards: Shards },
) {
  const prefix = rehearsalPrefix(config.FLASHWIRE_REDIS_PREFIX);
  const itemDays = 1;
  return {
    prefix,
    log: createDeskLog({ shards, subscriber, prefix, editions, itemDays }),
    publisher: new RehearsalPublisher({
      log: createWorkerLog({ shards, prefix, entriesKept: 2_048, itemDays }),
      onError: (error) => logger.warn({ err: error }, 'rehearsed command not appended'),
    }),
  };
}

/** Nothing is read or written before the schema of the data is known. */
function answerNotYet(response: ServerResponse, meter: ApiMeter): true {
  meter.answered('unavailable');
  const detail = 'Redis has not answered yet; nothing was accepted. Try again.';
  sendProblem(response, { type: 'unavailable', detail, retryAfter: 2 });
  return true;
}

type App = (request: IncomingMessage, response: ServerResponse) => void;

/** Rehearsals have items, commands and a stream only; keys, sessions and STOP belong to the site. */
function underTest(app: App): RequestHandler {
  return (request, response) => {
    const rest = /^\/v1\/test\/((?:items|commands|stream)\b.*)$/.exec(request.url ?? '')?.[1];
    if (rest === undefined) return false;
    request.url = `/v1/${rest}`;
    app(request, response);
    return true;
  };
}

function under(path: string, app: App): RequestHandler {
  return (request, response) => {
    if (!request.url?.startsWith(path)) return false;
    app(request, response);
    return true;
  };
}
