import type { Site } from '../../item/site.ts';
import type { Operation } from '../operation.ts';

export const streamOperation = (site: Site): Operation => ({
  method: 'get',
  path: '/v1/stream',
  id: 'streamDesk',
  summary: 'A snapshot of each edition, then every change at once, as server-sent events',
  parameters: [
    {
      name: 'edition',
      in: 'query',
      description: 'An edition; may be repeated',
      required: true,
      schema: { type: 'array', items: { type: 'string', enum: site.editions.map(({ id }) => id) } },
    },
  ],
  answers: { 200: ['Events: `snapshot`, `item`, `stop`, `presence`, `status`, `beat`', null] },
  contentType: 'text/event-stream',
  problems: ['bad-query', 'rate-limited'],
});
