import type { Site } from '../../item/site.ts';
import type { Operation } from '../operation.ts';
import { turnedSchema } from '../stop-switch.ts';
import { query, writes } from './parameters.ts';

/** The requests of the STOP switch. */
export const stopOperations = (site: Site): readonly Operation[] => [
  {
    method: 'get',
    path: '/v1/stop',
    id: 'readStop',
    summary: 'Whether STOP holds publishes and corrections',
    answers: { 200: ['The switch', 'Stop'] },
    problems: [],
  },
  {
    method: 'put',
    path: '/v1/stop',
    id: 'turnStop',
    summary: 'Turn the STOP switch: it holds publishes, corrections and releases, never hide or retract',
    body: turnedSchema,
    answers: { 200: ['The switch', 'Stop'] },
    problems: writes,
  },
  {
    method: 'get',
    path: '/v1/stop/held',
    id: 'listHeld',
    summary: 'What goes out in an edition when STOP is released, oldest first: at most 100 items, and how many more',
    parameters: [query('edition', 'The edition', { type: 'string', enum: site.editions.map(({ id }) => id) }, true)],
    answers: { 200: ['The items, each with the `kind` of its command', 'HeldList'] },
    problems: ['bad-query'],
  },
];
