import type { RequestHandler } from 'express';
import { publicSite } from '../item/site.ts';
import { queryOf } from '../protocol/query.ts';
import { editionsKnownTo, principalOf, requireEdition } from './access/authenticate.ts';
import { ProblemError } from './http-problem.ts';
import type { ItemsDeps } from './items.ts';

/** GET /v1/stop/held: what goes out in an edition when STOP is released, oldest first. */
export function heldItems({ log, site }: Pick<ItemsDeps, 'log' | 'site'>): RequestHandler {
  return async (request, response) => {
    const edition = queryOf(request.url).get('edition') ?? '';
    if (!editionsKnownTo(principalOf(response), site.editions).some(({ id }) => id === edition)) {
      const ids = publicSite(site).editions.map(({ id }) => id);
      const detail = `edition: must be one of ${ids.join(', ')}.`;
      throw new ProblemError('bad-query', detail, [{ parameter: 'edition', detail }]);
    }
    requireEdition(principalOf(response), edition);
    const held = await log.held(edition);
    const items = held.items.map(({ item: { body, ...item }, kind }) => ({ ...item, kind, body: JSON.parse(body) }));
    response.json({ now: log.now(edition), items, more: held.more });
  };
}
