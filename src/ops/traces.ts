import { createHash } from 'node:crypto';
import {
  type Attributes,
  diag,
  type Link,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** One step of a command, by Redis' clock, ms. */
export interface Step {
  readonly name: string;
  readonly commandId: string;
  readonly from: number;
  readonly to: number;
  readonly attributes: Attributes;
  readonly links?: readonly Link[];
  /** Why it failed. */
  readonly fault?: string;
}

/** Records what has happened to a command. */
export type Traces = (step: Step) => void;

/**
 * The trace of a command, 32 hex digits. Every process derives it from the command's id, so nothing has to carry it through the
 * queue and the log.
 */
export function traceIdOf(commandId: string): string {
  return createHash('sha256').update(commandId).digest('hex').slice(0, 32);
}

/** Whether an OpenTelemetry SDK was registered before the start (`--import`). */
export function isTraced(): boolean {
  return tracerOf() !== null;
}

function tracerOf(version?: string): Tracer | null {
  const provider = trace.getTracerProvider();
  // The API's own provider has no tracer unless an SDK has given it one. A provider of another copy of the API is an SDK's.
  return provider instanceof ProxyTracerProvider
    ? (provider.getDelegateTracer('flashwire', version) ?? null)
    : provider.getTracer('flashwire', version);
}

/** Null without an SDK: then nothing is recorded, and nothing is spent on it. */
export function openTraces(version: string): Traces | null {
  const tracer = tracerOf(version);
  if (!tracer) return null;
  return (step) => {
    try {
      record(tracer, step);
    } catch (error) {
      // What an SDK throws must not fail a command.
      diag.error('flashwire: span not recorded', error);
    }
  };
}

function record(tracer: Tracer, { name, commandId, from, to, attributes, links = [], fault }: Step): void {
  const traceId = traceIdOf(commandId);
  const parent = trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    // No process owns the root of the trace: every step is a child of this id.
    spanId: traceId.slice(0, 16),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const span = tracer.startSpan(
    `flashwire.${name}`,
    {
      startTime: from,
      attributes: { 'flashwire.command': commandId, ...attributes },
      links: [...links],
    },
    parent,
  );
  if (fault !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: fault });
  span.end(Math.max(from, to));
}
