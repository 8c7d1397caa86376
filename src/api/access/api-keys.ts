import type { RequestHandler } from 'express';
import { z } from 'zod';
import { line, time } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import { attributionLimits } from '../../item/text.ts';
import type { Audit } from '../../log/trail/audit.ts';
import { keyRoles, rightsOf } from '../../protocol/key-role.ts';
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

/** The body of POST /v1/keys. */
export function newKeySchema(editions: readonly string[]) {
  return z.strictObject({
    name: line(attributionLimits).meta({ examples: ['Night desk'] }),
    role: z.enum(keyRoles, `is not one of ${keyRoles.join(', ')}`).meta({ examples: ['editor'] }),
    editions: z
      .array(z.enum(editions, `is not one of ${editions.join(', ')}`))
      .min(1)
      // Checked before the elements: each wrong element would be a fault.
      .max(editions.length)
      .optional(),
    expiresAt: time.optional(),
  });
}

/** GET, POST and DELETE of /v1/keys, for admins. The token of a new key is in the response to its POST and never anywhere else. */
export function manageKeys({ keys, log, site, audit }: KeysDeps) {
  const list: RequestHandler = async (_request, response) => {
    const principal = principalOf(response);
    requireAdmin(principal);
    const managed = (await keys.list()).filter(({ editions }) => manages(principal, editions));
    const roles = keyRoles.map((role) => ({ role, may: rightsOf[role] }));
    response.json({ keys: managed.map(keyView), roles });
  };
  const create: RequestHandler = async (request, response) => {
    const principal = principalOf(response);
    requireAdmin(principal);
    const editionIds = editionsKnownTo(principal, site.editions).map(({ id }) => id);
    const { name, role, editions: limitedTo, expiresAt } = parseBodyWith(newKeySchema(editionIds), request.body);
    if (!manages(principal, limitedTo ?? null))
      throw new ProblemError('forbidden', `This key can create keys for ${principal.editions?.join(', ')} only.`);
    const until = expiresAt && Date.parse(expiresAt);
    if (until && until <= log.now()) throw pastTime('/expiresAt', 'is in the past');
    const created = await keys.create({
      name,
      role,
      ...(limitedTo && { editions: limitedTo }),
      ...(until && { expiresAt: until }),
    });
    const { keyId, name: by } = principal;
    await audit.note({ action: 'create-key', keyId, name: by, detail: `${created.keyId} ${role} ${name}` });
    response.status(201).json(created);
  };
  const revoke: RequestHandler = async (request, response) => {
    const principal = principalOf(response);
    requireAdmin(principal);
    const id = String(request.params['id']);
    const key = (await keys.list()).find(({ keyId }) => keyId === id);
    if (!key || !manages(principal, key.editions) || !(await keys.revoke(id)))
      throw new ProblemError(
        'not-found',
        'This key does not exist. The bootstrap key cannot be revoked here: change FLASHWIRE_BOOTSTRAP_KEY.',
      );
    const { keyId, name: by } = principal;
    await audit.note({ action: 'revoke-key', keyId, name: by, detail: `${id} ${key.role} ${key.name}` });
    response.status(204).end();
  };
  return { list, create, revoke };
}

/** An admin key for some editions manages only keys for those editions, so that it cannot create a stronger key. */
export function manages({ editions: own }: Principal, editions: readonly string[] | null): boolean {
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
