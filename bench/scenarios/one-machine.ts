import { measureDelivery } from '../run/delivery.ts';
import { defineScenario } from '../run/scenario.ts';

/** A desk that waits for each answer, at the one command that a trial starts. */
export const oneMachine = defineScenario({
  name: 'one-machine',
  summary: 'N readers of `flashwire all`, as npm start runs it, M items posted one after another.',
  options: {
    readers: { default: 10_000, min: 1, help: 'readers' },
    items: { default: 60, min: 1, help: 'items' },
    'warm-up': {
      default: 300,
      min: 20,
      help: 'items that are posted before the readers come, so that all code is compiled',
    },
  },
  run: (values, bench) =>
    measureDelivery(
      { ...values, isOneMachine: true, filledItems: values['warm-up'] },
      { items: values.items, perSecond: null, inFlight: 1 },
      bench,
    ),
});
