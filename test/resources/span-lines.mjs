// For `--import`: an SDK that keeps spans in memory and writes each as a line of JSON.
import { propagation, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
propagation.setGlobalPropagator({
  inject: () => undefined,
  fields: () => ['traceparent'],
  extract: (context, headers, getter) => {
    const [, traceId, spanId] = String(getter.get(headers, 'traceparent')).split('-');
    return spanId ? trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true }) : context;
  },
});
setInterval(() => {
  for (const span of exporter.getFinishedSpans()) {
    const { name, attributes, startTime, endTime, links } = span;
    const { traceId } = span.spanContext();
    process.stdout.write(`${JSON.stringify({ span: { name, traceId, attributes, startTime, endTime, links } })}\n`);
  }
  exporter.reset();
}, 20).unref();
