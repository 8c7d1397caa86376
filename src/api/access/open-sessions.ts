import type { RequestHandler } from 'express';
import type { Audit } from '../../log/trail/audit.ts';
import { queryOf } from '../../protocol/query.ts';
import { ProblemError } from '../http-problem.ts';
import { manages } from './api-keys.ts';
import { principalOf, requireAdmin } from './authenticate.ts';
import type { KeyHolder, KeyStore, Principal } from './key-store.ts';
import type { Sessions, SessionView } from './session.ts';

interface OpenSessionsDeps {
  readonly audit: Audit;
  readonly keys: KeyStore;
  readonly sessions: Sessions;
  /** Redis' clock, ms. */
  readonly log: { now(): number };
}

interface OpenSession {
  readonly holder: KeyHolder;
  readonly session: SessionView;
}

/** GET and DELETE of /v1/sessions, for admins: the open sessions of the keys that the admin manages. */
export function manageSessions({ keys, sessions, audit, log }: OpenSessionsDeps) {
  const openFor = async (principal: Principal, keyId?: string): Promise<readonly OpenSession[]> => {
    requireAdmin(principal);
    const holders = (await keys.holders()).filter(
      (holder) => manages(principal, holder.editions) && (keyId === undefined || holder.keyId === keyId),
    );
    const all = await Promise.all(
      holders.map(async (holder) => (await sessions.of(holder)).map((session) => ({ holder, session }))),
    );
    return all.flat().sort((a, b) => (b.session.lastSeenAt ?? 0) - (a.session.lastSeenAt ?? 0));
  };
  const list: RequestHandler = async (request, response) => {
    const principal = principalOf(response);
    const open = await openFor(principal, queryOf(request.url).get('key') ?? undefined);
    response.json({ now: log.now(), sessions: open.map((one) => sessionView(one, principal)) });
  };
  const end: RequestHandler = async (request, response) => {
    const principal = principalOf(response);
    const one = (await openFor(principal)).find(({ session }) => session.id === request.params['id']);
    if (!one) throw new ProblemError('not-found', 'This session does not exist, or it has ended.');
    await sessions.endById(one.session.id);
    const { keyId, role, name } = one.holder;
    const detail = `${keyId} ${role} ${name}`;
    await audit.note({ action: 'end-session', keyId: principal.keyId, name: principal.name, detail });
    response.status(204).end();
  };
  return { list, end };
}

function sessionView({ holder, session }: OpenSession, principal: Principal) {
  const time = (ms: number) => new Date(ms).toISOString();
  const { id, startedAt, lastSeenAt, expiresAt, browser } = session;
  const { keyId, name, role } = holder;
  return {
    id,
    keyId,
    name,
    role,
    ...(startedAt !== null && { startedAt: time(startedAt) }),
    ...(lastSeenAt !== null && { lastSeenAt: time(lastSeenAt) }),
    ...(expiresAt !== null && { expiresAt: time(expiresAt) }),
    ...(browser !== '' && { browser }),
    isCurrent: id === principal.sessionId,
  };
}
