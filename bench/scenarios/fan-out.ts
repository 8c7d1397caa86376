import { measureDelivery } from '../run/delivery.ts';
import { defineScenario } from '../run/scenario.ts';

/** Many readers, a steady flow of items. */
export const fanOut = defineScenario({
  name: 'fan-out',
  summary: 'N readers, M items at a steady rate through the whole path: POST, queue, log, sockets.',
  options: {
    readers: { default: 10_000, min: 1, help: 'readers' },
    items: { default: 30, min: 1, help: 'items' },
    rate: { default: 3, min: 0.01, help: 'items a second' },
  },
  run: (values, bench) => measureDelivery(values, { items: values.items, perSecond: values.rate, inFlight: 1 }, bench),
});
