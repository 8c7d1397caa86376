import type { Measurement, Result } from '../figures/figure.ts';
import { machine } from '../figures/machine.ts';
import type { Environment } from '../process/child.ts';
import type { Clock } from '../process/clock.ts';
import { type OptionTable, type OptionValues, parseOptions, renderGiven, renderOptions } from './option.ts';

/** What a scenario is given of the world. */
export interface Bench {
  readonly env: Environment;
  readonly clock: Clock;
  /** Says what is going on, and how long all of it still takes; never part of the result. */
  progress(text: string, leftMs?: number): void;
}

export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  /** Runs once; throws an OptionError for a wrong command line. */
  run(argv: readonly string[], bench: Bench): Promise<ScenarioRun>;
}

export interface ScenarioRun {
  readonly result: Result;
  readonly isJson: boolean;
  /** Where a page of the result goes; empty: nowhere. */
  readonly htmlFile: string;
}

/** Options of every scenario. */
const commonOptions = {
  url: { default: '', help: 'measure this Flashwire instead of starting one, e.g. https://news.example' },
  key: { default: '', help: 'desk key for --url (items are really posted, and expire after 10 minutes)' },
  'key-file': { default: '', help: 'file that holds the desk key' },
  redis: { default: '', help: 'with --url: Redis address, to count its commands' },
  pid: { default: 0, help: 'with --url: process that serves the readers, if it is on this machine; 0: none' },
  metrics: { default: '', help: 'with --url: address of its metrics, e.g. http://127.0.0.1:9464/metrics' },
  'fanout-processes': { default: 1, min: 1, help: 'fan-out processes to start; readers are spread over them' },
  edition: { default: 'en', help: 'edition to post to and to read' },
  query: { default: '', help: 'narrows the feed, e.g. section=miscellaneous' },
  transport: { default: 'websocket', help: 'how readers follow the feed: websocket, sse or polls' },
  processes: { default: 0, help: 'processes of readers; 0: all cores but one' },
  'connect-rate': { default: 2_000, min: 1, help: 'new readers a second' },
  json: { default: false, help: 'print the result as JSON' },
  html: { default: '', help: 'write the result to this file as a page with plots' },
  help: { default: false, help: 'print this' },
} satisfies OptionTable;

export type CommonValues = OptionValues<typeof commonOptions>;

/** Joins a scenario's own options with those of all. */
export function defineScenario<T extends OptionTable>(definition: {
  readonly name: string;
  readonly summary: string;
  readonly options: T;
  run(values: OptionValues<T> & CommonValues, bench: Bench): Promise<Measurement>;
}): Scenario {
  const table = { ...definition.options, ...commonOptions };
  return {
    name: definition.name,
    summary: definition.summary,
    help: `npm run bench -- ${definition.name} [options]\n\n${definition.summary}\n\n${renderOptions(table)}`,
    async run(argv, bench) {
      const values = parseOptions(table, argv);
      const measurement = await definition.run(values, bench);
      const result = {
        scenario: definition.name,
        at: new Date().toISOString(),
        machine: machine(),
        ...measurement,
        command: commandOf(definition.name, table, values),
      };
      return { result, isJson: values.json, htmlFile: values.html };
    },
  };
}

/** What measures the same again. A key stays out of it, and so does what only says where the result goes. */
function commandOf(name: string, table: OptionTable, values: CommonValues): string {
  const { key, html, json, ...repeated } = table;
  const given = renderGiven(repeated, { ...values, ...(values.key !== '' && { 'key-file': '<file>' }) });
  return `npm run bench -- ${name}${given === '' ? '' : ` ${given}`}`;
}
