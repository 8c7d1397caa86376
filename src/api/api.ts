import express, { type Express, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { itemStates } from '../item/lifecycle.ts';
import type { Site } from '../item/site.ts';
import type { Audit } from '../log/trail/audit.ts';
import { rightsOf } from '../protocol/key-role.ts';
import { queryOf } from '../protocol/query.ts';
import { manageKeys } from './access/api-keys.ts';
import {
  authenticate,
  editionsKnownTo,
  principalOf,
  requireEdition,
  requireSameOrigin,
  unknownEdition,
} from './access/authenticate.ts';
import type { FailedKeys } from './access/failed-keys.ts';
import type { KeyStore } from './access/key-store.ts';
import { manageSessions } from './access/open-sessions.ts';
import type { OtherLimits, RateLimit } from './access/rate-limit.ts';
import type { Sessions } from './access/session.ts';
import { auditTrail } from './audit-trail.ts';
import type { Deliveries } from './deliveries.ts';
import { type SourcesDeps, sourceRoutes } from './guards/sources.ts';
import { heldItems } from './held-items.ts';
import { answerProblems, ProblemError } from './http-problem.ts';
import { itemView, parsedBody } from './item-view.ts';
import { ItemCommands, type ItemsDeps } from './items.ts';
import { jsonBody } from './json-body.ts';
import { countAnswers } from './meter.ts';
import { openApiOf } from './openapi/openapi.ts';
import { parseBodyWith } from './request.ts';
import { type StopSwitch, turnSwitch } from './stop-switch.ts';
import type { DeskHub } from './stream/desk-hub.ts';
import { type DeskStatus, type DurabilityState, statusSeenBy } from './stream/desk-view.ts';
import { streamDesk } from './stream/stream.ts';

export interface ApiDeps extends ItemsDeps {
  readonly keys: KeyStore;
  readonly sessions: Sessions;
  readonly rateLimit: Pick<RateLimit, 'take'>;
  readonly limits: OtherLimits;
  readonly failedKeys: Pick<FailedKeys, 'count'>;
  readonly stop: StopSwitch;
  readonly deliveries: Pick<Deliveries, 'of' | 'newest' | 'audience'>;
  readonly audit: Audit;
  /** The open streams. */
  readonly hub: DeskHub;
  readonly sources: SourcesDeps['sources'];
  /** Version of this program. */
  readonly version: string;
  durability(): DurabilityState;
}

const signInBody = z.strictObject({ key: z.string().max(256) });

/**
 * Everything under /v1 that needs a key. A request is checked in the order 401, 403, 415/413/400, 422, 428, 412
 * (docs/desk-api.md).
 */
export function createApi(deps: ApiDeps): Express {
  const withKey = authenticate(deps);
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.use(countAnswers(deps.meter));
  app.use((_request, response, next) => {
    response.set({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    next();
  });
  routeItems(app, deps, withKey);
  routeSite(app, deps, withKey);
  app.use(() => {
    throw new ProblemError('not-found', 'There is nothing at this address, or not with this method.');
  });
  app.use(answerProblems(deps.logger));
  return app;
}

function routeItems(app: Express, deps: ApiDeps, withKey: RequestHandler): void {
  const { rateLimit, deliveries, log, site, lines } = deps;
  const items = new ItemCommands(deps);
  const json = jsonBody();
  const limited: RequestHandler = (_request, response, next) => {
    rateLimit.take(principalOf(response).keyId);
    next();
  };
  const act =
    (action: Parameters<ItemCommands['act']>[0]): RequestHandler =>
    (request, response) =>
      items.act(action, request, response);

  app.post('/v1/items', withKey, limited, json, items.publish.bind(items));
  app.get('/v1/items', withKey, listItems(deps));
  app.get('/v1/items/:id', withKey, async (request, response) => {
    const item = await items.find(request, response);
    lines.see(item);
    const versions = await log.versions(item.edition, item.id);
    response.set('etag', `"${item.version}"`).json({
      ...itemView(item),
      versions: versions.map(({ body, ...version }) => ({ ...version, body: parsedBody(body) })),
    });
  });
  app.get('/v1/items/:id/delivery', withKey, async (request, response) => {
    const { id, edition } = await items.find(request, response);
    response.json({ id, ...(await deliveries.of(edition, id)) });
  });
  app.put('/v1/items/:id', withKey, limited, json, items.correct.bind(items));
  app.delete('/v1/items/:id', withKey, limited, items.cancel.bind(items));
  app.post('/v1/items/:id/publish', withKey, limited, json, items.publishDraft.bind(items));
  app.post('/v1/items/:id/release', withKey, limited, json, act('release'));
  // No rate limit for these two.
  app.post('/v1/items/:id/withhold', withKey, json, act('withhold'));
  app.post('/v1/items/:id/retract', withKey, json, items.retract.bind(items));
  app.get('/v1/commands/:edition/:id', withKey, commandStatus({ log, site }));
  app.get('/v1/stream', withKey, streamDesk(deps));
}

function routeSite(app: Express, deps: ApiDeps, withKey: RequestHandler): void {
  const { sessions, stop, deliveries, limits, site } = deps;
  const json = jsonBody();
  const limited: RequestHandler = (_request, response, next) => {
    limits.keyChanges.take(principalOf(response).keyId);
    next();
  };
  app.post('/v1/session', json, signIn(deps));
  app.get('/v1/session', withKey, (_request, response) => void response.json(principalView(response, deps.site)));
  app.delete('/v1/session', withKey, async (request, response) => {
    await sessions.end(request.headers);
    response.set('set-cookie', sessions.cookie('', request.headers)).status(204).end();
  });
  const keyRoutes = manageKeys(deps);
  app.get('/v1/keys', withKey, keyRoutes.list);
  app.post('/v1/keys', withKey, limited, json, keyRoutes.create);
  app.delete('/v1/keys/:id', withKey, limited, keyRoutes.revoke);
  const sessionRoutes = manageSessions(deps);
  app.get('/v1/sessions', withKey, sessionRoutes.list);
  app.delete('/v1/sessions/:id', withKey, limited, sessionRoutes.end);
  app.get('/v1/stop', withKey, async (_request, response) => void response.json(await stop.state()));
  app.get('/v1/stop/held', withKey, heldItems(deps));
  app.put('/v1/stop', withKey, json, turnSwitch({ ...deps, ...limits }));
  const sources = sourceRoutes({ ...deps, ...limits });
  app.get('/v1/sources', withKey, sources.read);
  app.put('/v1/sources', withKey, json, sources.replace);
  app.get('/v1/status', withKey, async (_request, response) => {
    const known = editionsKnownTo(principalOf(response), site.editions).map(({ id }) => id);
    const audience = statusSeenBy(known, deliveries.audience());
    response.json({ ...audience, stop: await stop.state(), durability: deps.durability() } satisfies DeskStatus);
  });
  app.get('/v1/audit', withKey, auditTrail(deps));
  // Serialized once: anybody may request it, and the same thread serves the desk.
  const description = Buffer.from(JSON.stringify(openApiOf(deps.site, deps.version)));
  app.get(
    '/v1/openapi.json',
    (_request, response) =>
      void response.type('json').set('content-length', String(description.length)).end(description),
  );
}

function signIn({ keys, sessions, audit, meter, failedKeys, limits, site }: ApiDeps): RequestHandler {
  return async (request, response) => {
    requireSameOrigin(request);
    const { key } = parseBodyWith(signInBody, request.body);
    const principal = await keys.authenticate(key);
    if (!principal) {
      meter.notLetIn('sign-in');
      failedKeys.count(request);
      throw new ProblemError('unauthorized', 'This key is invalid. It may be revoked, or a character may be missing.');
    }
    limits.signIns.take(principal.keyId);
    response.locals['principal'] = principal;
    await audit.note({ action: 'sign-in', keyId: principal.keyId, name: principal.name });
    const token = await sessions.open(principal, request.get('user-agent'));
    response.set('set-cookie', sessions.cookie(token, request.headers)).json(principalView(response, site));
    meter.signedIn();
  };
}

/** The owner of the key, and the editions that need a key and that this key is for: the desk page does not name them. */
function principalView(response: Response, site: Site) {
  const { keyId, name, role, editions } = principalOf(response);
  const keyEditions = site.editions.filter(
    ({ id, access }) => access === 'key' && (editions === null || editions.includes(id)),
  );
  return {
    keyId,
    name,
    role,
    may: rightsOf[role],
    ...(editions && { editions }),
    ...(keyEditions.length > 0 && { keyEditions }),
  };
}

function listItems({ log, site, deliveries, lines }: ApiDeps): RequestHandler {
  return async (request, response) => {
    const query = queryOf(request.url);
    const edition = query.get('edition') ?? site.editions[0]?.id ?? '';
    const limit = Number(query.get('limit') ?? 50);
    const stateNames = query.get('state')?.split(',') ?? [];
    const states = itemStates.filter((state) => stateNames.includes(state));
    const before = query.get('before');
    const visible = editionsKnownTo(principalOf(response), site.editions);
    const faults = [
      ...(visible.some(({ id }) => id === edition) ? [] : [unknownEdition(site)]),
      ...(Number.isInteger(limit) && limit >= 1 && limit <= 100
        ? []
        : [{ parameter: 'limit', detail: 'limit: must be a whole number from 1 to 100.' }]),
      ...(states.length === stateNames.length
        ? []
        : [
            {
              parameter: 'state',
              detail: `state: must be one or more of ${itemStates.join(', ')}, separated by commas.`,
            },
          ]),
      ...(before === null || /^\d{1,15}_[0-9A-Z]{26}$/.test(before)
        ? []
        : [{ parameter: 'before', detail: 'before: must be the `next` of an earlier page.' }]),
    ];
    if (faults.length > 0) throw new ProblemError('bad-query', faults.map((fault) => fault.detail).join(' '), faults);
    requireEdition(principalOf(response), edition);
    const { items, next } = await log.list(edition, {
      limit,
      ...(before !== null && { before }),
      ...(states.length > 0 && { states }),
    });
    for (const item of items) lines.see(item);
    // Translations only in editions that this key may see.
    const editions = principalOf(response).editions ?? site.editions.map(({ id }) => id);
    const views = await Promise.all(
      items.map(async (item) => ({
        ...itemView(item),
        reach: deliveries.newest(item.id),
        ...(await log.translations(editions, item)),
      })),
    );
    response.json({ now: log.now(edition), items: views, ...(next !== undefined && { next }) });
  };
}

function commandStatus({ log, site }: Pick<ApiDeps, 'log' | 'site'>): RequestHandler {
  return async (request, response) => {
    const { edition, id } = request.params;
    const isWellFormed =
      editionsKnownTo(principalOf(response), site.editions).some((one) => one.id === edition) &&
      typeof id === 'string' &&
      /^[a-z0-9_]{1,64}$/.test(id);
    if (!isWellFormed || typeof edition !== 'string')
      throw new ProblemError('not-found', 'This command does not exist.');
    requireEdition(principalOf(response), edition);
    const status = await log.status(edition, id);
    if (!status) throw new ProblemError('not-found', 'This command does not exist, or it ended more than a week ago.');
    response.json(status);
  };
}
