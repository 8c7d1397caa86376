// For `--import`: registers no SDK, and prints a line for each call of the tracing API and each context that asynchronous work keeps.
import { AsyncLocalStorage } from 'node:async_hooks';
import { propagation, trace } from '@opentelemetry/api';

/**
 * @param {object} owner
 * @param {string} name
 */
function printCalls(owner, name) {
  const call = Reflect.get(owner, name);
  Reflect.set(owner, name, function (...args) {
    console.log(JSON.stringify({ traceCall: name }));
    return call.apply(this, args);
  });
}

for (const name of ['getTracerProvider', 'getTracer', 'setSpanContext', 'getSpanContext']) printCalls(trace, name);
printCalls(propagation, 'extract');
printCalls(AsyncLocalStorage.prototype, 'run');
