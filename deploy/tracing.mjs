// Sends traces to an OpenTelemetry collector: NODE_OPTIONS="--import /flashwire/deploy/tracing.mjs". docs/traces.md has the packages that
// it needs. OTEL_EXPORTER_OTLP_ENDPOINT says where to, OTEL_SERVICE_NAME how the site is called there.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

const provider = new NodeTracerProvider({
  resource: defaultResource().merge(detectResources({ detectors: [envDetector] })),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 1_000 })],
});
provider.register();
// Flashwire ends itself when it has drained; what is still in memory leaves meanwhile. Before it handles signals it has no spans, and
// this listener must not take its first signal away.
for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => {
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    else void provider.forceFlush().catch(() => undefined);
  });
