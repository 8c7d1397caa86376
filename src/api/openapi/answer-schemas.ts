import { sourceKinds } from '../../item/line/source.ts';
import { warningCodes } from '../../item/line/warnings.ts';
import type { Json } from '../operation.ts';

const text = { type: 'string' } as const;
const moment = { type: 'string', format: 'date-time' } as const;
const counts = (...names: readonly string[]): Json =>
  Object.fromEntries(names.map((name) => [name, { type: 'integer' }]));
const object = (properties: Json, required: readonly string[]): Json => ({ type: 'object', properties, required });

/** The bodies of answers, by the names that the operations use. */
export const answerSchemas: Json = {
  Standing: object(
    {
      id: text,
      version: { type: 'integer' },
      state: text,
      seq: { type: 'integer' },
      statusUrl: text,
      problem: text,
      warnings: {
        description: 'In the answers to POST and PUT of an item',
        type: 'array',
        items: object({ code: { enum: warningCodes }, detail: text, pointer: text, id: text }, [
          'code',
          'detail',
          'pointer',
        ]),
      },
    },
    ['id', 'version', 'state'],
  ),
  DeskItem: object(
    {
      id: text,
      version: { type: 'integer' },
      edition: text,
      state: text,
      body: { type: ['object', 'null'] },
      purgedAt: { type: ['integer', 'null'] },
    },
    ['id', 'version', 'state'],
  ),
  ItemList: object({ items: { type: 'array', items: { $ref: '#/components/schemas/DeskItem' } }, next: text }, [
    'items',
  ]),
  HeldList: object(
    {
      now: { type: 'integer' },
      items: { type: 'array', items: { $ref: '#/components/schemas/DeskItem' } },
      more: { type: 'integer' },
    },
    ['now', 'items', 'more'],
  ),
  Key: object(
    {
      keyId: text,
      name: text,
      role: text,
      editions: { type: 'array', items: text },
      createdAt: moment,
      lastUsedAt: { ...moment, type: ['string', 'null'] },
      expiresAt: moment,
      revokedAt: moment,
    },
    ['keyId', 'name', 'role', 'createdAt'],
  ),
  KeyList: object(
    {
      keys: { type: 'array', items: { $ref: '#/components/schemas/Key' } },
      roles: { type: 'array', items: object({ role: text, may: { type: 'array', items: text } }, ['role', 'may']) },
    },
    ['keys', 'roles'],
  ),
  NewKey: object({ keyId: text, token: text }, ['keyId', 'token']),
  SessionList: object(
    {
      now: { type: 'integer' },
      sessions: {
        type: 'array',
        items: object(
          {
            id: text,
            keyId: text,
            name: text,
            role: text,
            startedAt: moment,
            lastSeenAt: moment,
            expiresAt: moment,
            browser: text,
            isCurrent: { type: 'boolean' },
          },
          ['id', 'keyId', 'name', 'role', 'isCurrent'],
        ),
      },
    },
    ['now', 'sessions'],
  ),
  Delivery: object(
    {
      id: text,
      proofs: {
        type: 'array',
        items: object(
          {
            version: { type: 'integer' },
            seq: { type: 'integer' },
            what: text,
            at: moment,
            state: { enum: ['proven', 'partial'] },
            ...counts('targeted', 'written', 'skipped', 'caughtUp', 'waiting', 'left', 'resumed'),
            latencyMs: { type: ['object', 'null'], properties: counts('p50', 'p99', 'max') },
            processes: { type: 'array', items: object({ process: text, ...counts('targeted', 'waiting') }, []) },
            silent: { type: 'array', items: text },
            silentProcesses: {
              type: 'array',
              items: object({ process: text, readers: { type: 'integer' }, lastHeardAt: moment }, [
                'process',
                'readers',
                'lastHeardAt',
              ]),
            },
          },
          ['version', 'seq', 'state', 'targeted', 'written', 'waiting'],
        ),
      },
      estimate: object({ note: text, painted: { type: 'array', items: { type: 'object' } } }, ['note', 'painted']),
    },
    ['id', 'proofs', 'estimate'],
  ),
  Status: object(
    {
      readers: { type: 'object', additionalProperties: { type: 'integer' } },
      processes: { type: 'array', items: { type: 'object' } },
      provenAgoMs: { type: ['integer', 'null'] },
      stop: { $ref: '#/components/schemas/Stop' },
      durability: { enum: ['replicated', 'single', 'weak', 'stated', null] },
    },
    ['readers', 'processes', 'provenAgoMs', 'stop', 'durability'],
  ),
  AuditPage: object(
    {
      events: {
        type: 'array',
        items: object(
          {
            at: moment,
            action: text,
            name: text,
            keyId: text,
            edition: text,
            itemId: text,
            version: { type: 'integer' },
            detail: text,
            item: object(
              {
                state: text,
                publishedVersion: { type: ['integer', 'null'] },
                body: { type: ['object', 'null'] },
              },
              ['state', 'body'],
            ),
          },
          ['at', 'action', 'name', 'keyId'],
        ),
      },
      next: { type: 'integer' },
    },
    ['events'],
  ),
  Sources: object(
    {
      edition: text,
      sources: {
        type: 'array',
        items: object({ name: text, kind: { enum: sourceKinds }, isSeed: { type: 'boolean' } }, [
          'name',
          'kind',
          'isSeed',
        ]),
      },
    },
    ['edition', 'sources'],
  ),
  Stop: object({ stopped: { type: 'boolean' }, by: text, at: moment, reason: text }, ['stopped']),
  Who: object(
    {
      keyId: text,
      name: text,
      role: text,
      may: { type: 'array', items: text },
      editions: { type: 'array', items: text },
      keyEditions: { type: 'array', items: { type: 'object' } },
    },
    ['keyId', 'name', 'role', 'may'],
  ),
  Problem: object(
    {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: text,
      errors: {
        type: 'array',
        items: object({ detail: text, pointer: text, parameter: text, code: text, id: text }, ['detail']),
      },
    },
    ['type', 'title', 'status', 'detail'],
  ),
};
