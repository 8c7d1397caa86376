import { z } from 'zod';
import { createItemSchemas } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import type { ProblemType } from '../../protocol/problem.ts';
import { newKeySchema } from '../access/api-keys.ts';
import type { Json, Operation, Parameter } from '../operation.ts';
import { stopOperations } from './stop-operations.ts';
import { streamOperation } from './stream-operation.ts';

const query = (name: string, description: string, schema: Json, required = false): Parameter => ({
  name,
  in: 'query',
  description,
  required,
  schema,
});
const header = (name: string, description: string, required = false): Parameter => ({
  name,
  in: 'header',
  description,
  required,
  schema: { type: 'string' },
});
const prefer = header('Prefer', '`wait=5`: the response waits until the command is in the log, at most 30 s');
const idempotency = header('Idempotency-Key', 'Within 24 h the same request with the same key is accepted once');
const accepted = { 202: ['Accepted: the command is durable and will be in the log once', 'Standing'] } as const;
const before = (schema: Json) => query('before', 'The `next` of the previous page', schema);
const limit = (most: number) =>
  query('limit', `1 to ${most}`, { type: 'integer', minimum: 1, maximum: most, default: 50 });
const writes: readonly ProblemType[] = [
  'bad-json',
  'unsupported-media-type',
  'body-too-large',
  'invalid',
  'outcome-unknown',
];
const changes: readonly ProblemType[] = ['not-found', 'wrong-state', 'item-retracted', 'refused-later', ...writes];

/** Every request of the desk API. A test compares them with the routes. */
export function operationsOf(site: Site): readonly Operation[] {
  return [
    publish(site),
    ...itemReads(site),
    correct(site),
    cancel,
    ...actions(site),
    readCommand,
    ...keyOperations(site),
    streamOperation(site),
    ...siteOperations,
    ...sessions,
  ];
}

const publish = (site: Site): Operation => ({
  method: 'post',
  path: '/v1/items',
  id: 'publish',
  summary: 'Publish an item: at once, after a hold, at a set time, or as a draft',
  body: createItemSchemas(site).publish,
  parameters: [prefer, idempotency],
  answers: { 201: ['In the log (with Prefer: wait)', 'Standing'], ...accepted },
  problems: ['rate-limited', 'idempotency-mismatch', 'refused-later', ...writes],
});

const itemReads = (site: Site): readonly Operation[] => [
  {
    method: 'get',
    path: '/v1/items',
    id: 'listItems',
    summary: 'The items of an edition, newest first',
    parameters: [
      query('edition', 'The edition', { type: 'string', enum: site.editions.map(({ id }) => id) }),
      query('state', 'Only items in these states, separated by commas', { type: 'string' }),
      limit(100),
      before({ type: 'string' }),
    ],
    answers: { 200: ['A page', 'ItemList'] },
    problems: ['bad-query'],
  },
  {
    method: 'get',
    path: '/v1/items/:id',
    id: 'readItem',
    summary: 'One item with its versions: who changed it, when and why',
    answers: { 200: ['The item; ETag is its version', 'DeskItem'] },
    problems: ['not-found'],
  },
  {
    method: 'get',
    path: '/v1/items/:id/delivery',
    id: 'readDelivery',
    summary: 'Proof of delivery: for each version, the outcome for every reader that it was meant for',
    answers: { 200: ['Proofs, newest first, and a separate estimate that proves nothing', 'Delivery'] },
    problems: ['not-found'],
  },
];

const correct = (site: Site): Operation => ({
  method: 'put',
  path: '/v1/items/:id',
  id: 'correct',
  summary: 'Replace an item: correct a published item, or change an unpublished one',
  body: createItemSchemas(site).correct,
  parameters: [header('If-Match', 'The version that you read, such as `"3"`', true), prefer, idempotency],
  answers: { 200: ['In the log', 'Standing'], ...accepted },
  problems: ['rate-limited', 'if-match-required', 'version-mismatch', 'idempotency-mismatch', ...changes],
});

const cancel: Operation = {
  method: 'delete',
  path: '/v1/items/:id',
  id: 'cancel',
  summary: 'Cancel a draft, a held or scheduled item, or a held correction',
  parameters: [header('If-Match', 'The version to cancel, such as `"3"`'), idempotency],
  answers: { 200: ['Cancelled', 'Standing'] },
  problems: ['rate-limited', 'not-found', 'wrong-state', 'version-mismatch', 'outcome-unknown'],
};

function actions(site: Site): readonly Operation[] {
  const schemas = createItemSchemas(site);
  const act = (path: string, id: string, summary: string): Operation => ({
    method: 'post',
    path: `/v1/items/:id/${path}`,
    id,
    summary,
    body: schemas.empty,
    parameters: [prefer, idempotency],
    answers: { 200: ['In the log', 'Standing'], ...accepted },
    problems: changes,
  });
  return [
    {
      ...act('publish', 'publishDraft', 'Publish a draft'),
      body: schemas.publishDraft,
      parameters: [header('If-Match', 'The version to publish, such as `"3"`'), prefer, idempotency],
      problems: ['version-mismatch', ...changes],
    },
    act('withhold', 'hide', 'Hide an item at once; no rate limit and no STOP delays it'),
    act('release', 'release', 'Show a hidden item again'),
    {
      ...act('retract', 'retract', 'Retract an item permanently; no rate limit and no STOP delays it'),
      body: schemas.retract,
    },
  ];
}

const readCommand: Operation = {
  method: 'get',
  path: '/v1/commands/:edition/:id',
  id: 'readCommand',
  summary: 'The state of a command (the statusUrl of an accepted request)',
  answers: { 200: ['The state', 'Standing'] },
  problems: ['not-found'],
};

const keyOperations = (site: Site): readonly Operation[] => [
  {
    method: 'get',
    path: '/v1/keys',
    id: 'listKeys',
    summary: 'Every key without its secret (admin)',
    answers: { 200: ['The keys', 'KeyList'] },
    problems: [],
  },
  {
    method: 'post',
    path: '/v1/keys',
    id: 'createKey',
    summary: 'Create a key (admin); only this response has its token',
    body: newKeySchema(site.editions.map((edition) => edition.id)),
    answers: { 201: ['The key', 'NewKey'] },
    problems: writes,
  },
  {
    method: 'delete',
    path: '/v1/keys/:id',
    id: 'revokeKey',
    summary: 'Revoke a key at once (admin)',
    answers: { 204: ['Revoked', null] },
    problems: ['not-found'],
  },
];

const siteOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/status',
    id: 'readStatus',
    summary: 'Connected readers, the fan-out processes, the age of the last proof, and the STOP switch',
    answers: { 200: ['The status', 'Status'] },
    problems: [],
  },
  {
    method: 'get',
    path: '/v1/audit',
    id: 'readAudit',
    summary: 'Who did what, when and with which key; never the text of an item',
    parameters: [
      limit(200),
      before({ type: 'integer' }),
      query('format', '`csv`: the whole audit trail as a file', { type: 'string', enum: ['json', 'csv'] }),
    ],
    answers: { 200: ['A page', 'AuditPage'] },
    problems: ['bad-query'],
  },
  ...stopOperations,
];

const sessions: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/session',
    id: 'signIn',
    summary: 'Sign in at the desk page: sets a cookie that no script can read',
    body: z.strictObject({ key: z.string().max(256) }),
    answers: { 200: ['The owner of the key', 'Who'] },
    problems: ['unauthorized', 'origin-not-allowed', 'rate-limited', ...writes],
    needsNoKey: true,
  },
  {
    method: 'get',
    path: '/v1/session',
    id: 'readSession',
    summary: 'The owner of the session or of the key',
    answers: { 200: ['The owner', 'Who'] },
    problems: [],
  },
  {
    method: 'delete',
    path: '/v1/session',
    id: 'signOut',
    summary: 'Sign out',
    answers: { 204: ['Signed out', null] },
    problems: [],
  },
  {
    method: 'get',
    path: '/v1/openapi.json',
    id: 'readOpenApi',
    summary: 'This document',
    answers: { 200: ['OpenAPI 3.1', null] },
    problems: [],
    needsNoKey: true,
  },
];
