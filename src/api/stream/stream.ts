import type { RequestHandler } from 'express';
import type { Site } from '../../item/site.ts';
import { queryOf } from '../../protocol/query.ts';
import {
  editionsKnownTo,
  principalBehind,
  principalOf,
  requireEdition,
  unknownEdition,
} from '../access/authenticate.ts';
import type { KeyStore } from '../access/key-store.ts';
import { type Sessions, useNotedEveryMs } from '../access/session.ts';
import { ProblemError } from '../http-problem.ts';
import type { DeskHub } from './desk-hub.ts';
import { OpenDesk } from './open-desk.ts';

interface StreamDeps {
  readonly hub: DeskHub;
  readonly keys: KeyStore;
  readonly sessions: Sessions;
  readonly site: Site;
  /** Redis' clock, ms. */
  readonly log: { now(): number };
}

/** `GET /v1/stream?edition=..`: a snapshot of each edition, then every change, as server-sent events. */
export function streamDesk({ hub, site, log, ...stores }: StreamDeps): RequestHandler {
  return async (request, response) => {
    const principal = principalOf(response);
    const editions = [...new Set(queryOf(request.url).getAll('edition'))];
    const visible = editionsKnownTo(principal, site.editions);
    if (editions.length === 0 || !editions.every((edition) => visible.some(({ id }) => id === edition))) {
      const fault = unknownEdition(site);
      throw new ProblemError('bad-query', fault.detail, [fault]);
    }
    for (const edition of editions) requireEdition(principal, edition);
    if (request.method === 'HEAD') {
      response.set('content-type', 'text/event-stream; charset=utf-8').end();
      return;
    }
    const lease = request.get('authorization') === undefined ? await stores.sessions.lease(request.headers) : null;
    const ends = [principal.expiresAt, lease && log.now() + lease.leftMs].filter((at) => at !== null);
    const desk = new OpenDesk({
      principal,
      session: lease?.id ?? null,
      endsAt: ends.length > 0 ? Math.min(...ends) : null,
      editions,
      known: visible.map(({ id }) => id),
      response,
      onCut: () => hub.close(desk),
    });
    // Its only request was the one that opened it.
    const use = setInterval(() => lease?.noteUse(), useNotedEveryMs).unref();
    response.once('close', () => {
      clearInterval(use);
      hub.close(desk);
    });
    await hub.open(desk, async () => (await principalBehind(request, stores)) !== null);
  };
}
