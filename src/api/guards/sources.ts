import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { type Source, type SourceKind, seededSources, sourceKey } from '../../item/line/source.ts';
import { eachOnce, sourceFields } from '../../item/line/source-schema.ts';
import { publicSite, type Site } from '../../item/site.ts';
import type { ConfirmedSources } from '../../log/commands/confirmed-sources.ts';
import { namesTag } from '../../protocol/etag.ts';
import { queryOf } from '../../protocol/query.ts';
import { editionsKnownTo, may, principalOf, requireEdition } from '../access/authenticate.ts';
import type { RateLimit } from '../access/rate-limit.ts';
import { ProblemError } from '../http-problem.ts';
import { parseBodyWith } from '../request.ts';

export interface SourcesDeps {
  readonly site: Site;
  readonly sources: ConfirmedSources;
  readonly sourceChanges: Pick<RateLimit, 'take'>;
}

/** To parse so many takes 8 ms. */
const mostConfirmed = 200;

/** The body of PUT /v1/sources. */
export const sourcesSchema = z.strictObject({
  sources: z
    .array(
      z.strictObject({
        name: sourceFields.name.meta({ examples: ['Port authority'] }),
        kind: sourceFields.kind.meta({ examples: ['organisation'] }),
      }),
    )
    .max(mostConfirmed)
    .superRefine((sources, context) => eachOnce(sources, context, [])),
});

interface SourcesView {
  readonly edition: string;
  readonly sources: readonly { readonly name: string; readonly kind: SourceKind; readonly isSeed: boolean }[];
}

/** GET and PUT /v1/sources: who a colon introduces as a source, in one edition. Any key reads, editors and admins confirm. */
export function sourceRoutes({
  site,
  sources,
  sourceChanges,
}: SourcesDeps): Readonly<Record<'read' | 'replace', RequestHandler>> {
  const viewOf = (edition: string, confirmed: readonly Source[]): SourcesView => {
    const seeds = seededSources(site.sources, edition);
    const others = withoutSeeds(confirmed, seeds);
    return {
      edition,
      sources: [
        ...seeds.map((source) => ({ ...source, isSeed: true })),
        ...others.map((source) => ({ ...source, isSeed: false })),
      ],
    };
  };
  return {
    read: async (request, response) => {
      const edition = editionOf(request, response, site);
      answer(response, viewOf(edition, (await sources.read(edition)).sources));
    },
    replace: async (request, response) => {
      const principal = principalOf(response);
      const edition = editionOf(request, response, site);
      if (!may(principal, 'publish'))
        throw new ProblemError('forbidden', 'This key cannot confirm sources. Ask an editor.');
      const { sources: given } = parseBodyWith(sourcesSchema, request.body);
      const wanted = withoutSeeds(given, seededSources(site.sources, edition));
      sourceChanges.take(principal.keyId);
      const before = await sources.read(edition);
      const ifMatch = request.get('if-match');
      if (ifMatch !== undefined && !namesTag(ifMatch, tagOf(viewOf(edition, before.sources)))) throw changed();
      const detail = changeOf(before.sources, wanted);
      if (detail !== '') {
        const { keyId, name } = principal;
        const outcome = await sources.replace(edition, {
          sources: wanted,
          by: { keyId, name },
          detail,
          ...(ifMatch !== undefined && { before }),
        });
        if (outcome === 'changed') throw changed();
      }
      answer(response, viewOf(edition, wanted));
    },
  };
}

function answer(response: Response, view: SourcesView): void {
  response.set('etag', tagOf(view)).json(view);
}

function tagOf(view: SourcesView): string {
  return `"${createHash('sha256').update(JSON.stringify(view)).digest('base64url').slice(0, 22)}"`;
}

function changed(): ProblemError {
  return new ProblemError('version-mismatch', 'The sources have changed. Read them again, then repeat the change.');
}

/** A client may send back the whole list that it has read. */
function withoutSeeds(sources: readonly Source[], seeds: readonly Source[]): readonly Source[] {
  const seeded = new Set(seeds.map(({ name }) => sourceKey(name)));
  return sources.filter(({ name }) => !seeded.has(sourceKey(name)));
}

const longestDetail = 280;

/** The difference for the audit trail: "+ Ana Prueba (person), - AP (organisation)"; empty if there is none. */
function changeOf(before: readonly Source[], after: readonly Source[]): string {
  const texts = (sources: readonly Source[]) => sources.map(({ name, kind }) => `${name} (${kind})`);
  const [old, now] = [texts(before), texts(after)];
  const added = now.filter((text) => !old.includes(text)).map((text) => `+ ${text}`);
  const removed = old.filter((text) => !now.includes(text)).map((text) => `- ${text}`);
  const whole = [...added, ...removed].join(', ');
  return whole.length > longestDetail ? `${whole.slice(0, longestDetail - 2).toWellFormed()} ..` : whole;
}

function editionOf(request: Request, response: Response, site: Site): string {
  const edition = queryOf(request.url).get('edition') ?? '';
  if (!editionsKnownTo(principalOf(response), site.editions).some(({ id }) => id === edition)) {
    const ids = publicSite(site).editions.map(({ id }) => id);
    const detail = `edition: must be one of ${ids.join(', ')}.`;
    throw new ProblemError('bad-query', detail, [{ parameter: 'edition', detail }]);
  }
  requireEdition(principalOf(response), edition);
  return edition;
}
