import type { Request, RequestHandler, Response } from 'express';
import { publicSite, type Site, type SiteEdition } from '../../item/site.ts';
import { type KeyRight, rightsOf } from '../../protocol/key-role.ts';
import type { Fault } from '../../protocol/problem.ts';
import { ProblemError } from '../http-problem.ts';
import type { ApiMeter } from '../meter.ts';
import type { FailedKeys } from './failed-keys.ts';
import type { KeyStore, Principal } from './key-store.ts';
import type { Sessions } from './session.ts';

export interface Authentication {
  readonly keys: KeyStore;
  readonly sessions: Sessions;
  readonly meter: ApiMeter;
  readonly failedKeys: Pick<FailedKeys, 'count'>;
}

/** The owner of the key or of the session; null for neither. A cookie counts only in requests of the desk page. */
export function principalBehind(
  request: Request,
  { keys, sessions }: Pick<Authentication, 'keys' | 'sessions'>,
): Promise<Principal | null> {
  const header = request.get('authorization');
  return header === undefined
    ? bySession(request, sessions)
    : keys.authenticate(/^Bearer (\S+)$/i.exec(header)?.[1] ?? '');
}

/** Puts the principal into `response.locals`, or ends the request with 401. */
export function authenticate({ meter, failedKeys, ...stores }: Authentication): RequestHandler {
  return async (request, response, next) => {
    const header = request.get('authorization');
    const principal = await principalBehind(request, stores);
    if (!principal) {
      // A desk page that only checks its session sends neither key nor cookie. Counted here, because the next line may throw 429.
      if (header !== undefined) meter.notLetIn('key');
      else if (request.get('cookie') !== undefined) meter.notLetIn('session');
      // A request without a key is not a guess.
      if (header !== undefined) failedKeys.count(request);
      response.set('www-authenticate', 'Bearer realm="desk"');
      throw new ProblemError(
        'unauthorized',
        'Send a valid key as `Authorization: Bearer fw_<id>_<secret>`, or sign in at /desk.',
      );
    }
    response.locals['principal'] = principal;
    next();
  };
}

export function principalOf(response: Response): Principal {
  return response.locals['principal'] as Principal;
}

export function may({ role }: Principal, right: KeyRight): boolean {
  return rightsOf[role].includes(right);
}

/** Reporters write drafts; editors and admins publish. */
export function requirePublisher(principal: Principal): void {
  if (!may(principal, 'publish'))
    throw new ProblemError(
      'forbidden',
      'The key of a reporter can write drafts only: send "state": "draft", and an editor publishes it.',
    );
}

/** Only admins manage keys and sessions. */
export function requireAdmin(principal: Principal): void {
  if (!may(principal, 'manage'))
    throw new ProblemError('forbidden', 'Only the key of an admin can manage keys and sessions.');
}

export function requireEdition(principal: Principal, edition: string): void {
  if (principal.editions && !principal.editions.includes(edition)) {
    throw new ProblemError(
      'forbidden',
      `This key is for ${principal.editions.join(', ')}, not for edition ${edition}.`,
    );
  }
}

/** The editions that exist for this key. An edition with `access: key` does not exist for a key of other editions. */
export function editionsKnownTo({ editions }: Principal, all: readonly SiteEdition[]): readonly SiteEdition[] {
  return all.filter(({ id, access }) => access === 'public' || (editions?.includes(id) ?? true));
}

/** For a query with another one. It does not name editions that need a key. */
export function unknownEdition(site: Site): Fault {
  const ids = publicSite(site).editions.map(({ id }) => id);
  return { parameter: 'edition', detail: `edition: must be one of ${ids.join(', ')}.` };
}

async function bySession(request: Request, sessions: Sessions): Promise<Principal | null> {
  if (request.get('cookie') === undefined) return null;
  requireSameOrigin(request);
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  // Every browser sends one of the two headers with a change; a request without both is not from the desk page.
  if (!isSafe && request.get('origin') === undefined && request.get('sec-fetch-site') === undefined) throw foreign();
  return sessions.principal(request.headers);
}

/** A page of another site can make a browser send the cookie, but it cannot hide its origin. */
export function requireSameOrigin(request: Request): void {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  const isForeignOrigin = origin !== undefined && !ownOrigins(request).includes(origin);
  if ((site !== undefined && site !== 'same-origin' && site !== 'none') || isForeignOrigin) throw foreign();
}

/** Both schemes, unless a trusted proxy names the scheme of the browser. */
function ownOrigins(request: Request): readonly string[] {
  const scheme = request.get('x-forwarded-proto');
  const schemes = scheme === undefined ? ['http', 'https'] : [scheme];
  return schemes.map((name) => `${name}://${request.get('host')?.toLowerCase()}`);
}

function foreign(): ProblemError {
  return new ProblemError('origin-not-allowed', 'A session works only on pages of this desk. Send a key instead.');
}
