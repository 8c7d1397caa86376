import { z } from 'zod';
import type { Site } from '../../item/site.ts';
import { newKeySchema } from '../access/api-keys.ts';
import type { Operation } from '../operation.ts';
import { query, writes } from './parameters.ts';

/** Keys, and the sessions that they have opened. */
export const keyOperations = (site: Site): readonly Operation[] => [
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
  {
    method: 'get',
    path: '/v1/sessions',
    id: 'listSessions',
    summary: 'The open sessions of the keys that the admin manages; never a token',
    parameters: [query('key', 'Only the sessions of the key with this id', { type: 'string' })],
    answers: { 200: ['The sessions, last seen first', 'SessionList'] },
    problems: [],
  },
  {
    method: 'delete',
    path: '/v1/sessions/:id',
    id: 'endSession',
    summary: 'End one session at once (admin)',
    answers: { 204: ['Ended', null] },
    problems: ['not-found'],
  },
];

/** The session of the desk page itself. */
export const sessionOperations: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/session',
    id: 'signIn',
    summary: 'Sign in at the desk page: sets a cookie that no script can read',
    body: z.strictObject({
      key: z
        .string()
        .max(256)
        .meta({ examples: ['fw_...'] }),
    }),
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
];
