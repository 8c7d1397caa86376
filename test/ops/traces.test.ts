import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, expect, test } from 'vitest';
import { isTraced, openTraces, traceIdOf } from '../../src/ops/traces.ts';

afterEach(() => trace.disable());

test('nothing is traced without an SDK', () => {
  expect(isTraced()).toBe(false);
  expect(openTraces('1')).toBeNull();
});

test('the steps of a command are spans of one trace, whose id every process derives from the id of the command', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  expect(isTraced()).toBe(true);
  const step = openTraces('1');
  const at = 1_800_000_000_000;
  step?.({ name: 'accept', commandId: 'c_1', from: at, to: at + 2.5, attributes: { 'flashwire.edition': 'en' } });
  step?.({ name: 'append', commandId: 'c_1', from: at + 10, to: at + 9, attributes: {}, fault: 'READONLY' });
  step?.({ name: 'accept', commandId: 'c_2', from: at, to: at + 1, attributes: {} });
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name }) => name)).toEqual(['flashwire.accept', 'flashwire.append', 'flashwire.accept']);
  expect(spans.map((span) => span.spanContext().traceId)).toEqual(['c_1', 'c_1', 'c_2'].map(traceIdOf));
  expect(spans[0]).toMatchObject({
    attributes: { 'flashwire.command': 'c_1', 'flashwire.edition': 'en' },
    startTime: [at / 1_000, 0],
    endTime: [at / 1_000, 2_500_000],
    status: { code: 0 },
  });
  // A clock that was set back makes no span of negative length.
  expect(spans[1]).toMatchObject({ startTime: [at / 1_000, 10_000_000], duration: [0, 0] });
  expect(spans[1]?.status).toEqual({ code: 2, message: 'READONLY' });
});
