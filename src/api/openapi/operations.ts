import { createItemSchemas } from '../../item/schema.ts';
import type { Site } from '../../item/site.ts';
import type { ProblemType } from '../../protocol/problem.ts';
import type { Json, Operation } from '../operation.ts';
import { keyOperations, sessionOperations } from './access-operations.ts';
import { header, query, writes } from './parameters.ts';
import { sourceOperations } from './source-operations.ts';
import { stopOperations } from './stop-operations.ts';
import { streamOperation } from './stream-operation.ts';

const prefer = header('Prefer', '`wait=5`: the response waits until the command is in the log, at most 30 s');
const confirm = '`confirm=flash-fuse`: send a flash although there were many in the last minute';
const preferFlash = header('Prefer', `${prefer.description}. ${confirm}`);
const preferLine = header('Prefer', `${preferFlash.description}. \`handling=strict\`: refuse a line with warnings`);
const idempotency = header('Idempotency-Key', 'Within 24 h the same request with the same key is accepted once');
const accepted = { 202: ['Accepted: the command is durable and will be in the log once', 'Standing'] } as const;
const before = (schema: Json) => query('before', 'The `next` of the previous page', schema);
const limit = (most: number) =>
  query('limit', 'The most on a page', { type: 'integer', minimum: 1, maximum: most, default: 50 });
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
    ...sourceOperations(site),
    ...siteOperations(site),
    ...sessionOperations,
  ];
}

const publish = (site: Site): Operation => ({
  method: 'post',
  path: '/v1/items',
  id: 'publish',
  summary: 'Publish an item: at once, after a hold, at a set time, or as a draft',
  body: createItemSchemas(site).publish,
  parameters: [preferLine, idempotency],
  answers: { 201: ['In the log (with Prefer: wait)', 'Standing'], ...accepted },
  problems: ['rate-limited', 'flash-fuse', 'warnings-refused', 'idempotency-mismatch', 'refused-later', ...writes],
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
  parameters: [header('If-Match', 'The version that you read, such as `"3"`', true, '"1"'), preferLine, idempotency],
  answers: { 200: ['In the log', 'Standing'], ...accepted },
  problems: [
    'rate-limited',
    'if-match-required',
    'version-mismatch',
    'warnings-refused',
    'idempotency-mismatch',
    ...changes,
  ],
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
      parameters: [header('If-Match', 'The version to publish, such as `"3"`'), preferFlash, idempotency],
      problems: ['version-mismatch', 'flash-fuse', ...changes],
    },
    act('withhold', 'hide', 'Hide an item at once; no rate limit and no STOP delays it'),
    {
      ...act('release', 'release', 'Show a hidden item again'),
      parameters: [preferFlash, idempotency],
      problems: ['flash-fuse', ...changes],
    },
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

const siteOperations = (site: Site): readonly Operation[] => [
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
    summary: 'Who did what, when and with which key, newest first; a page under filters can be empty and have a `next`',
    parameters: [
      limit(200),
      before({ type: 'integer' }),
      query('person', 'Only events of a person whose name has this part, or of the key with this id', {
        type: 'string',
      }),
      query('item', 'Only events of the item with this id', { type: 'string' }),
      query('day', 'Only events of this day', { type: 'string', format: 'date' }),
      query('zone', 'The time zone of `day`, such as Europe/Madrid', { type: 'string', default: 'UTC' }),
      query('with', '`item`: adds the state of each item and its line, as the desk has it now', {
        type: 'string',
        enum: ['item'],
      }),
      query('format', '`csv`: the whole audit trail as a file', { type: 'string', enum: ['json', 'csv'] }),
    ],
    answers: { 200: ['A page', 'AuditPage'] },
    problems: ['bad-query'],
  },
  ...stopOperations(site),
  {
    method: 'get',
    path: '/v1/openapi.json',
    id: 'readOpenApi',
    summary: 'This document',
    answers: { 200: ['OpenAPI 3.1', null] },
    contentType: 'application/json',
    problems: [],
    needsNoKey: true,
  },
];
