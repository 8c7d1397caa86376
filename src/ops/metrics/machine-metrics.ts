import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry, type Registry } from 'prom-client';

interface MetricsRequest {
  readonly type: 'flashwire:metrics';
  readonly id: number;
}

interface Answer extends MetricsRequest {
  readonly metrics: object[];
}

/** Answers requests of the supervisor for the metrics of this process. */
export function answerMetrics(registry: Registry): void {
  process.on('message', (message: unknown) => {
    if (!isRequest(message)) return;
    void registry.getMetricsAsJSON().then((metrics) => process.send?.({ ...message, metrics } satisfies Answer));
  });
}

/**
 * The metrics of a supervisor and its children as one text. A child that does not answer in time (it starts or hangs) is left
 * out, so that the metrics of the others stay available.
 */
export async function machineMetrics(
  own: Registry,
  children: readonly ChildProcess[],
  withinMs = 1_000,
): Promise<string> {
  const answers = await Promise.all(children.map((child) => ask(child, withinMs)));
  const received = answers.filter((answer) => answer !== null);
  return AggregatorRegistry.aggregate([await own.getMetricsAsJSON(), ...received]).metrics();
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
      if (isRequest(message) && message.id === id && 'metrics' in message) end((message as Answer).metrics);
    };
    const timer = setTimeout(() => end(null), withinMs);
    child.on('message', hear);
    if (child.connected)
      child.send({ type: 'flashwire:metrics', id } satisfies MetricsRequest, (error) => error && end(null));
    else end(null);
  });
}

function isRequest(message: unknown): message is MetricsRequest {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'flashwire:metrics';
}
