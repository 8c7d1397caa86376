import type { Comparison } from '../figures/comparison.ts';
import { machine } from '../figures/machine.ts';
import { noTime, type Part, type Report } from '../figures/report.ts';
import type { Clock } from '../process/clock.ts';
import type { Bench } from '../run/scenario.ts';
import { TimeLeft } from '../run/time-left.ts';
import type { PlannedPart } from './plan.ts';
import { type ChildOptions, type Outcome, runComparison, runScenario } from './scenario-child.ts';

export interface ReportPlan {
  readonly parts: readonly PlannedPart[];
  readonly summaries: ReadonlyMap<string, string>;
  readonly rounds: number;
  readonly isShort: boolean;
  /** The whole of it ends after that time, with what it has by then; null: when it is done. */
  readonly withinMs: number | null;
  /** Arguments of a comparison with other systems; null: none. */
  readonly peers: readonly string[] | null;
  /** Called after each part, with all that is there. */
  keep(report: Report): void;
}

/** Runs the parts one after another, round by round. Resolves with what was measured, also where a part failed or no time was left. */
export async function measureReport(plan: ReportPlan, bench: Bench): Promise<Report> {
  const run = new ReportRun(plan, bench);
  const steps = Array.from({ length: plan.rounds }, () => plan.parts.filter((part) => part.leftOut === null)).flat();
  const timeLeft = new TimeLeft(
    [
      ...steps.map(({ name, seconds }) => ({ name, expectedMs: seconds * 1_000 })),
      ...(plan.peers === null ? [] : [{ name: 'peers', expectedMs: peersMs }]),
    ],
    bench.clock,
  );
  for (const [i, part] of steps.entries()) {
    const lead = `${i + 1} of ${steps.length + (plan.peers === null ? 0 : 1)}, ${part.name}`;
    await run.measure(part, (text) => bench.progress(`${lead}: ${text}`, run.atMost(timeLeft.ms)));
    timeLeft.next();
  }
  if (plan.peers !== null)
    await run.compare(plan.peers, (text) => bench.progress(`other systems: ${text}`, run.atMost(timeLeft.ms)));
  return run.report;
}

/** A guess for all systems, one round. */
const peersMs = 300_000;

interface Measuring {
  runs: Part['runs'];
  readonly failures: string[];
  leftOut: string | null;
  readonly tookMs: number[];
}

class ReportRun {
  readonly #plan: ReportPlan;
  readonly #env: Bench['env'];
  readonly #clock: Clock;
  readonly #start: number;
  readonly #at = new Date().toISOString();
  readonly #machine = machine();
  readonly #parts: ReadonlyMap<string, Measuring>;
  #comparison: Comparison | null = null;
  /** In place of it, when it could not be made. */
  #peers: Part | null = null;

  constructor(plan: ReportPlan, { env, clock }: Bench) {
    this.#plan = plan;
    this.#env = env;
    this.#clock = clock;
    this.#start = clock();
    this.#parts = new Map(
      plan.parts.map(({ name, leftOut }) => [name, { runs: [], failures: [], leftOut, tookMs: [] }]),
    );
  }

  /** No longer than there is time. */
  atMost(ms: number): number {
    return Math.min(ms, this.#leftMs() ?? ms);
  }

  get report(): Report {
    const { parts, isShort, rounds } = this.#plan;
    return {
      kind: 'report',
      at: this.#at,
      machine: { ...this.#machine },
      isShort,
      rounds,
      seconds: (this.#clock() - this.#start) / 1_000,
      parts: [...parts.map((part) => this.#part(part)), ...(this.#peers === null ? [] : [this.#peers])],
      comparison: this.#comparison,
    };
  }

  #part({ name, scenario }: PlannedPart): Part {
    const { runs = [], failures = [], leftOut = null, tookMs = [] } = this.#parts.get(name) ?? {};
    const seconds = tookMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, tookMs.length) / 1_000;
    const summary = this.#plan.summaries.get(scenario) ?? '';
    return { name, summary, runs: [...runs], seconds, leftOut, failures: [...failures] };
  }

  async measure({ name, scenario, argv }: PlannedPart, progress: (text: string) => void): Promise<void> {
    const measuring = this.#parts.get(name);
    if (measuring === undefined) return;
    const start = this.#clock();
    const outcome = await this.#within((options) => runScenario([scenario, ...argv], { ...options, progress }));
    if (outcome.type === 'measured') {
      measuring.runs.push(outcome.output);
      measuring.tookMs.push(this.#clock() - start);
    } else if (outcome.type === 'failed') measuring.failures.push(outcome.reason);
    else if (measuring.runs.length === 0) measuring.leftOut = noTime;
    this.#plan.keep(this.report);
  }

  async compare(argv: readonly string[], progress: (text: string) => void): Promise<void> {
    const outcome = await this.#within((options) => runComparison(argv, { ...options, progress }));
    if (outcome.type === 'measured') this.#comparison = outcome.output;
    else {
      const failures = outcome.type === 'failed' ? [outcome.reason] : [];
      const leftOut = outcome.type === 'failed' ? null : noTime;
      this.#peers = { name: 'peers', summary: 'Other systems.', runs: [], seconds: 0, leftOut, failures };
    }
    this.#plan.keep(this.report);
  }

  async #within<T>(run: (options: Omit<ChildOptions, 'progress'>) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const left = this.#leftMs();
    if (left !== null && left < leastMs) return { type: 'out-of-time' };
    return run({ env: this.#env, withinMs: left });
  }

  #leftMs(): number | null {
    const { withinMs } = this.#plan;
    return withinMs === null ? null : withinMs - (this.#clock() - this.#start);
  }
}

/** No scenario ends in less. */
const leastMs = 8_000;
