import type { Site } from '../../item/site.ts';
import type { Filter } from '../../protocol/filter.ts';

/** Whether a filter is one of the few that the site itself defines: a whole edition, or one section, region, urgency or configured topic. */
export function isPlain({ sections, regions, topics, urgencies }: Filter, site: Pick<Site, 'topics'>): boolean {
  if (sections.length + regions.length + topics.length + urgencies.length > 1) return false;
  return topics.every((topic) => site.topics.some(({ id }) => id === topic));
}
