import fc from 'fast-check';
import type { Urgency } from '../../src/item/item.ts';
import type { Filter } from '../../src/protocol/filter.ts';
import { facets, type MemoryLog } from '../resources/memory-log.ts';

/** One action of an editor, or of time, on one of a few items. */
export interface Step {
  readonly verb: 'publish' | 'correct' | 'withhold' | 'release' | 'expire' | 'retract' | 'retractWithNotice' | 'clear';
  readonly id: string;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
  readonly topics: readonly string[];
  readonly urgency: Urgency;
}

const ids = Array.from({ length: 8 }, (_, index) => `i${index}`);

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    verb: fc.constantFrom<Step['verb'][]>(
      'publish',
      'publish',
      'correct',
      'correct',
      'withhold',
      'release',
      'expire',
      'retract',
      'retractWithNotice',
      'retractWithNotice',
      'clear',
    ),
    id: fc.constantFrom(...ids),
    sections: fc.constantFrom(['politics'], ['sports'], ['politics', 'sports']),
    regions: fc.constantFrom(['europe'], ['africa'], []),
    topics: fc.constantFrom(['talks'], ['storm', 'talks'], []),
    urgency: fc.constantFrom<Urgency[]>('flash', 'urgent', 'update'),
  }),
  { minLength: 1, maxLength: 80, size: 'max' },
);

/** Applies a step, unless the item's state does not allow it. */
export function take(log: MemoryLog, step: Step): void {
  const now = facets(step.sections, { regions: step.regions, topics: step.topics, urgency: step.urgency });
  const isKnown = log.knows(step.id);
  if (step.verb === 'publish' && !isKnown) log.publish(step.id, now);
  if (step.verb === 'correct') log.correct(step.id, now);
  if (step.verb === 'withhold') log.withhold(step.id);
  if (step.verb === 'release') log.release(step.id);
  if (step.verb === 'expire') log.expire(step.id);
  if (step.verb === 'retract') log.retract(step.id);
  if (step.verb === 'retractWithNotice') log.retract(step.id, `notice of ${step.id}`);
  if (step.verb === 'clear') log.clear(step.id);
}

export function filter(more: Partial<Filter> = {}): Filter {
  return { edition: 'en', sections: [], regions: [], topics: [], urgencies: [], ...more };
}

export const filters: readonly Filter[] = [
  filter(),
  filter({ sections: ['politics'] }),
  filter({ sections: ['sports'] }),
  filter({ sections: ['politics', 'sports'], regions: ['europe'] }),
  filter({ urgencies: ['flash'] }),
  filter({ topics: ['nowhere'] }),
  filter({ topics: ['storm', 'nowhere'] }),
  filter({ sections: ['sports'], topics: ['talks'] }),
];
