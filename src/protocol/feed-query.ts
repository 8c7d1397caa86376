import { urgencies } from '../item/item.ts';
import { type FieldSet, fieldSets } from '../item/more.ts';
import type { Site } from '../item/site.ts';
import type { Filter } from './filter.ts';
import type { Fault } from './problem.ts';

/** A parsed feed query, or its faults. */
export type FeedQuery =
  | {
      readonly ok: true;
      readonly filter: Filter;
      readonly limit: number;
      readonly since: string | null;
      /** The client accepts the long interval between beats. */
      readonly hasLongBeat: boolean;
    }
  | { readonly ok: false; readonly problems: readonly Fault[] };

const maxValues = 8;
/** How many valid ids an error lists. */
const maxListed = 50;
const limits = [20, 50];
/** Seconds between beats that a client can ask for. */
const longBeat = '50';

/**
 * Parses `edition=..[&section=..][&region=..][&topic=..][&urgency=..][&limit=20|50][&fields=default|full][&beat=50][&since=..]` and
 * lists all faults at once. An unknown topic is an empty feed. Unknown parameters, and other values of `beat`, are ignored. `since` is not checked here: an invalid position leads
 * to a snapshot, never to an error.
 */
export function parseFeedQuery(params: URLSearchParams, site: Site): FeedQuery {
  const problems: Fault[] = [];
  const editions = site.editions.filter((edition) => edition.access === 'public').map(({ id }) => id);
  const oneOf = (parameter: string, known: readonly string[]) => {
    const values = [...new Set(params.getAll(parameter))];
    problems.push(...unknownValues(parameter, values, known));
    return values;
  };
  const edition = params.get('edition');
  if (edition === null || params.getAll('edition').length > 1)
    problems.push({ parameter: 'edition', detail: `edition: give exactly one of ${editions.join(', ')}.` });
  else oneOf('edition', editions);
  const sections = oneOf(
    'section',
    site.sections.map(({ id }) => id),
  );
  const regions = oneOf(
    'region',
    site.regions.map(({ id }) => id),
  );
  const urgency = oneOf('urgency', urgencies);
  const topics = [...new Set(params.getAll('topic'))];
  if (sections.length + regions.length + urgency.length + topics.length > maxValues)
    problems.unshift({ detail: `At most ${maxValues} values of section, region, topic and urgency together.` });
  if (topics.slice(0, maxValues).some((topic) => new TextEncoder().encode(topic).length > 64))
    problems.push({ parameter: 'topic', detail: 'topic: at most 64 bytes.' });
  const limit = Number(params.get('limit') ?? 20);
  if (!limits.includes(limit)) problems.push({ parameter: 'limit', detail: `limit: give ${limits.join(' or ')}.` });
  const fields = parseFields(params);
  if (typeof fields === 'object') problems.push(fields);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    filter: {
      edition: edition ?? '',
      sections,
      regions,
      topics,
      urgencies: urgency,
      ...(fields === 'full' && { fields }),
    },
    limit,
    since: params.get('since'),
    hasLongBeat: params.get('beat') === longBeat,
  };
}

/** The parameter `fields`, or its fault. */
export function parseFields(params: URLSearchParams): FieldSet | Fault {
  const [asked = 'default', ...others] = params.getAll('fields');
  const known = others.length === 0 && fieldSets.find((fields) => fields === asked);
  return known || { parameter: 'fields', detail: `fields: give ${fieldSets.join(' or ')}, once.` };
}

/** Checks no more values than a filter may have: another fault says that there are too many. Lists the valid ids once. */
function unknownValues(parameter: string, values: readonly string[], known: readonly string[]): Fault[] {
  const unknown = values.slice(0, maxValues).filter((value) => !known.includes(value));
  return unknown.map((value, at) => ({
    parameter,
    detail: `${parameter}: ${JSON.stringify(value.slice(0, 64))} is not one of ${at === 0 ? listed(known) : 'them'}.`,
  }));
}

function listed(known: readonly string[]): string {
  return known.length > maxListed ? `${known.slice(0, maxListed).join(', ')}, ..` : known.join(', ');
}
