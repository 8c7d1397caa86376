import { measureDelivery } from '../run/delivery.ts';
import { defineScenario } from '../run/scenario.ts';

/** Many readers, all items at once. */
export const burst = defineScenario({
  name: 'burst',
  summary: 'N readers, M items as fast as the API takes them.',
  options: {
    readers: { default: 10_000, min: 1, help: 'readers' },
    items: { default: 60, min: 1, help: 'items' },
    'in-flight': { default: 8, min: 1, help: 'POST requests at a time' },
  },
  run: (values, bench) =>
    measureDelivery(values, { items: values.items, perSecond: null, inFlight: values['in-flight'] }, bench),
});
