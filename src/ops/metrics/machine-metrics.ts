import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry, type Registry } from 'prom-client';

interface Question {
  readonly type: 'flashwire:metrics';
  readonly id: number;
}

interface Answer extends Question {
  readonly metrics: object[];
}

/** Answers the supervisor of this process. */
export function answerMetrics(registry: Registry): void {
  process.on('message', (message: unknown) => {
    if (!isQuestion(message)) return;
    void registry.getMetricsAsJSON().then((metrics) => process.send?.({ ...message, metrics } satisfies Answer));
  });
}

/**
 * The metrics of a supervisor and its children as one text. A child that has not answered in time (it starts, it stands
 * still) is left out: what is known of the others matters most just then.
 */
export async function machineMetrics(
  own: Registry,
  children: readonly ChildProcess[],
  withinMs = 1_000,
): Promise<string> {
  const answers = await Promise.all(children.map((child) => ask(child, withinMs)));
  const known = answers.filter((answer) => answer !== null);
  return AggregatorRegistry.aggregate([await own.getMetricsAsJSON(), ...known]).metrics();
}

function ask(child: ChildProcess, withinMs: number): Promise<object[] | null> {
  const id = Math.random();
  return new Promise((resolve) => {
    const end = (metrics: object[] | null) => {
      clearTimeout(timer);
      child.off('message', hear);
      resolve(metrics);
    };
    const hear = (message: unknown) => {
      if (isQuestion(message) && message.id === id && 'metrics' in message) end((message as Answer).metrics);
    };
    const timer = setTimeout(() => end(null), withinMs);
    child.on('message', hear);
    if (child.connected)
      child.send({ type: 'flashwire:metrics', id } satisfies Question, (error) => error && end(null));
    else end(null);
  });
}

function isQuestion(message: unknown): message is Question {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'flashwire:metrics';
}
