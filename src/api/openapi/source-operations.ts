import type { Site } from '../../item/site.ts';
import { sourcesSchema } from '../guards/sources.ts';
import type { Operation } from '../operation.ts';
import { header, query, writes } from './parameters.ts';

export function sourceOperations(site: Site): readonly Operation[] {
  const edition = query('edition', 'The edition', { type: 'string', enum: site.editions.map(({ id }) => id) }, true);
  return [
    {
      method: 'get',
      path: '/v1/sources',
      id: 'listSources',
      summary:
        'The sources that a colon introduces in an edition: those of the site file, and those that editors confirmed',
      parameters: [edition],
      answers: { 200: ['The sources', 'Sources'] },
      problems: ['bad-query'],
    },
    {
      method: 'put',
      path: '/v1/sources',
      id: 'confirmSources',
      summary: 'Replace the confirmed sources of an edition (editor, admin)',
      body: sourcesSchema,
      parameters: [edition, header('If-Match', 'The ETag of the list that you read')],
      answers: { 200: ['The sources', 'Sources'] },
      problems: ['bad-query', 'version-mismatch', ...writes],
    },
  ];
}
