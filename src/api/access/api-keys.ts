import type { RequestHandler } from 'express';
import { z } from 'zod';
import { line, time } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import { attributionLimits } from '../../item/text.ts';
import type { Audit } from '../../log/trail/audit.ts';
import { keyRoles } from '../../protocol/key-role.ts';
import { ProblemError } from '../http-problem.ts';
import { pastTime } from '../outcome.ts';
import { parseBodyWith } from '../request.ts';
import { editionsKnownTo, principalOf, requireAdmin } from './authenticate.ts';
import type { KeyStore, KeyView, Principal } from './key-store.ts';

interface KeysDeps {
  readonly audit: Audit;
  readonly keys: KeyStore;
  /** Redis' clock, ms. */
  readonly log: { now(): number };
  readonly site: Site;
}

/** What an admin says of a new key. */
export function newKeySchema(editions: readonly string[]) {
  return z.strictObject({
    name: line(attributionLimits),
    role: z.enum(keyRoles, `is not one of ${keyRoles.join(', ')}`),
    editions: z
      .array(z.enum(editions, `is not one of ${editions.join(', ')}`))
      .min(1)
      // In front of its elements: each that is wrong would be a fault of its own.
      .max(editions.length)
      .optional(),
    expiresAt: time.optional(),
  });
}

/** GET, POST and DELETE of /v1/keys: an admin's. The token of a new key is in its answer and nowhere else, ever. */
export function manageKeys({ keys, log, site, audit }: KeysDeps) {
  const list: RequestHandler = async (_request, response) => {
    const principal = principalOf(response);
    requireAdmin(principal);
    const managed = (await keys.list()).filter(({ editions }) => manages(principal, editions));
    response.json({ keys: managed.map(keyView) });
  };
  const create: RequestHandler = async (request, response) => {
    const principal = principalOf(response);
    requireAdmin(principal);
    const known = editionsKnownTo(principal, site.editions).map(({ id }) => id);
    const { name, role, editions: limitedTo, expiresAt } = parseBodyWith(newKeySchema(known), request.body);
    if (!manages(principal, limitedTo ?? null))
      throw new ProblemError('forbidden', `This key makes keys for ${principal.editions?.join(', ')} only.`);
    const until = expiresAt && Date.parse(expiresAt);
    if (until && until <= log.now()) throw pastTime('/expiresAt', 'is in the past');
    const made = await keys.create({
      name,
      role,
      ...(limitedTo && { editions: limitedTo }),
      ...(until && { expiresAt: until }),
    });
    const { keyId, name: by } = principal;
    await audit.note({ action: 'create-key', keyId, name: by, detail: `${made.keyId} ${role} ${name}` });
    response.status(201).json(made);
  };
  const revoke: RequestHandler = async (request, response) => {
    const principal = principalOf(response);
    requireAdmin(principal);
    const id = String(request.params['id']);
    const known = (await keys.list()).find(({ keyId }) => keyId === id);
    if (!known || !manages(principal, known.editions) || !(await keys.revoke(id)))
      throw new ProblemError(
        'not-found',
        'There is no such key. The bootstrap key is the one in FLASHWIRE_BOOTSTRAP_KEY.',
      );
    const { keyId, name: by } = principal;
    await audit.note({ action: 'revoke-key', keyId, name: by, detail: id });
    response.status(204).end();
  };
  return { list, create, revoke };
}

/** An admin's key that is for some editions manages keys that are for no others: it cannot make itself a stronger one. */
function manages({ editions: own }: Principal, editions: readonly string[] | null): boolean {
  return own === null || (editions?.every((edition) => own.includes(edition)) ?? false);
}

function keyView({ keyId, name, role, editions, createdAt, lastUsedAt, expiresAt, revokedAt }: KeyView) {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    keyId,
    name,
    role,
    ...(editions && { editions }),
    createdAt: time(createdAt),
    ...(lastUsedAt !== null && { lastUsedAt: lastUsedAt === 0 ? null : time(lastUsedAt) }),
    ...(expiresAt !== null && { expiresAt: time(expiresAt) }),
    ...(revokedAt !== null && { revokedAt: time(revokedAt) }),
  };
}
