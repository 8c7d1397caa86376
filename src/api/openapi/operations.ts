import { z } from 'zod';
import { createItemSchemas } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import type { ProblemType } from '../../protocol/problem.ts';
import { newKeySchema } from '../access/api-keys.ts';
import type { Json, Operation, Parameter } from '../operation.ts';
import { turnedSchema } from '../stop-switch.ts';

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
const prefer = header('Prefer', '`wait=5`: answer once it is in the log, at most 30 s');
const idempotency = header('Idempotency-Key', 'The same request under the same key, within 24 h, is accepted once');
const accepted = { 202: ['Accepted: durable, and in the log once', 'Standing'] } as const;
const writes: readonly ProblemType[] = [
  'bad-json',
  'unsupported-media-type',
  'body-too-large',
  'invalid',
  'outcome-unknown',
];

const changes: readonly ProblemType[] = ['not-found', 'wrong-state', 'item-retracted', 'refused-later', ...writes];

/** Every request of the desk API; a test holds them and the routes together. */
export function operationsOf(site: Site): readonly Operation[] {
  return [...itemOperations(site), ...actions(site), ...management(site), ...sessions];
}

function itemOperations(site: Site): readonly Operation[] {
  const schemas = createItemSchemas(site);
  const editions = site.editions.map(({ id }) => id);
  return [
    {
      method: 'post',
      path: '/v1/items',
      id: 'publish',
      summary: 'Publish an item: at once, held, at a time, or as a draft',
      body: schemas.publish,
      parameters: [prefer, idempotency],
      answers: { 201: ['In the log (with Prefer: wait)', 'Standing'], ...accepted },
      problems: ['rate-limited', 'idempotency-mismatch', 'refused-later', ...writes],
    },
    {
      method: 'get',
      path: '/v1/items',
      id: 'listItems',
      summary: 'The items of an edition, newest first',
      parameters: [
        query('edition', 'Which edition', { type: 'string', enum: editions }),
        query('state', 'Only those in these states, divided by commas', { type: 'string' }),
        query('limit', '1 to 100', { type: 'integer', minimum: 1, maximum: 100, default: 50 }),
        query('before', 'The `next` of the page before', { type: 'string' }),
      ],
      answers: { 200: ['A page', 'ItemList'] },
      problems: ['bad-query'],
    },
    {
      method: 'get',
      path: '/v1/items/:id',
      id: 'readItem',
      summary: 'One item with its versions: who, when, why',
      answers: { 200: ['The item; ETag is its version', 'DeskItem'] },
      problems: ['not-found'],
    },
    {
      method: 'get',
      path: '/v1/items/:id/delivery',
      id: 'readDelivery',
      summary: 'Proof of delivery: for each version, what has become of every reader that it was for',
      answers: { 200: ['Proofs, newest first, and beside them an estimate that proves nothing', 'Delivery'] },
      problems: ['not-found'],
    },
    {
      method: 'put',
      path: '/v1/items/:id',
      id: 'correct',
      summary: 'Correct what is out, or change what is not out yet: the whole item',
      body: schemas.correct,
      parameters: [header('If-Match', 'The version that you saw, such as `"3"`', true), prefer, idempotency],
      answers: { 200: ['In the log', 'Standing'], ...accepted },
      problems: ['rate-limited', 'if-match-required', 'version-mismatch', 'idempotency-mismatch', ...changes],
    },
    {
      method: 'delete',
      path: '/v1/items/:id',
      id: 'cancel',
      summary: 'Cancel a draft, a held or scheduled item, or a held correction',
      parameters: [idempotency],
      answers: { 200: ['Cancelled', 'Standing'] },
      problems: ['rate-limited', 'not-found', 'wrong-state', 'outcome-unknown'],
    },
  ];
}

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
    act('publish', 'publishDraft', 'Publish a draft'),
    act('withhold', 'hide', 'Hide at once; no rate limit, queue or STOP stands in front of it'),
    act('release', 'release', 'Show again what was hidden'),
    {
      ...act('retract', 'retract', 'Take back for ever; nothing stands in front of it'),
      body: schemas.retract,
    },
  ];
}

function management(site: Site): readonly Operation[] {
  return [
    {
      method: 'get',
      path: '/v1/commands/:edition/:id',
      id: 'readCommand',
      summary: 'Where a command stands (the statusUrl of an acceptance)',
      answers: { 200: ['Its standing', 'Standing'] },
      problems: ['not-found'],
    },
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
      summary: 'Make a key (admin); its token is in this answer and nowhere else',
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
    {
      method: 'get',
      path: '/v1/status',
      id: 'readStatus',
      summary: 'Readers connected, the processes that serve them, the age of the last proof, and the STOP switch',
      answers: { 200: ['The status', 'Status'] },
      problems: [],
    },
    {
      method: 'get',
      path: '/v1/audit',
      id: 'readAudit',
      summary: 'Who did what, when, with which key; never what a line says',
      parameters: [
        query('limit', '1 to 200', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
        query('before', 'The `next` of the page before', { type: 'integer' }),
        query('format', '`csv`: all that is kept, as a file', { type: 'string', enum: ['json', 'csv'] }),
      ],
      answers: { 200: ['A page', 'AuditPage'] },
      problems: ['bad-query'],
    },
    {
      method: 'get',
      path: '/v1/stop',
      id: 'readStop',
      summary: 'Whether publishes and corrections are held for everyone',
      answers: { 200: ['The switch', 'Stop'] },
      problems: [],
    },
    {
      method: 'put',
      path: '/v1/stop',
      id: 'turnStop',
      summary: 'The STOP switch: holds publishes, corrections and releases; never hide, retract or readers',
      body: turnedSchema,
      answers: { 200: ['The switch', 'Stop'] },
      problems: writes,
    },
  ];
}

const sessions: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/session',
    id: 'signIn',
    summary: "The desk page's sign-in: a cookie that no script can read",
    body: z.strictObject({ key: z.string().max(256) }),
    answers: { 200: ['Who is signed in', 'Who'] },
    problems: ['unauthorized', 'origin-not-allowed', 'rate-limited', ...writes],
    needsNoKey: true,
  },
  {
    method: 'get',
    path: '/v1/session',
    id: 'readSession',
    summary: 'Who is signed in, or whose key this is',
    answers: { 200: ['Who', 'Who'] },
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
    summary: 'This description',
    answers: { 200: ['OpenAPI 3.1', null] },
    problems: [],
    needsNoKey: true,
  },
];
