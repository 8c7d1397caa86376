import { AsyncLocalStorage } from 'node:async_hooks';
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { DeliveryWatch } from '../fanout/delivery/delivery-ledger.ts';
import { canaryEdition } from '../item/canary.ts';
import type { DeskLog } from '../log/commands/desk-log.ts';
import type { WorkerLog } from '../log/commands/worker-log.ts';
import type { RequestHandler } from '../ops/http-server.ts';
import type { Step, Traces } from '../ops/traces.ts';
import type { Publisher } from '../queue/publisher.ts';

type Work = Omit<Step, 'from' | 'to' | 'attributes' | 'fault'> & { readonly edition: string };

/** Records how long a step took, by Redis' clock. Canaries are no news. */
function steps(traces: Traces, now: (edition: string) => number) {
  return async <T>(
    { edition, ...step }: Work,
    work: () => Promise<T>,
    look: (done: T) => Partial<Step>,
  ): Promise<T> => {
    if (edition === canaryEdition.id) return work();
    const from = now(edition);
    const startedAt = performance.now();
    const end = (found: Partial<Step>) =>
      traces({
        ...step,
        from,
        to: from + performance.now() - startedAt,
        attributes: { 'flashwire.edition': edition },
        ...found,
      });
    try {
      const done = await work();
      const found = look(done);
      end({ ...found, attributes: { 'flashwire.edition': edition, ...found.attributes } });
      return done;
    } catch (error) {
      end({ fault: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  };
}

/** An api whose requests, acceptances and jobs are recorded: the steps `post`, `accept` and `job`. */
export function traceApi(traces: Traces, now: (edition: string) => number) {
  const step = steps(traces, now);
  /** The command that a request has made. */
  const made = new AsyncLocalStorage<{ command: { readonly id: string; readonly edition: string } | null }>();
  return {
    handler:
      (handle: RequestHandler): RequestHandler =>
      (request, response) => {
        if (request.method === 'GET' || request.method === 'HEAD') return handle(request, response);
        const startedAt = performance.now();
        const own: NonNullable<ReturnType<typeof made.getStore>> = { command: null };
        // The trace of the program that posted, if it sent one.
        const theirs = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, request.headers));
        response.once('close', () => {
          if (own.command === null) return;
          const to = now(own.command.edition);
          traces({
            name: 'post',
            commandId: own.command.id,
            from: to - (performance.now() - startedAt),
            to,
            attributes: {
              'http.request.method': request.method ?? '',
              'http.response.status_code': response.statusCode,
            },
            ...(theirs && { links: [{ context: theirs }] }),
          });
        });
        return made.run(own, () => handle(request, response));
      },
    log: (log: DeskLog): DeskLog => ({
      ...log,
      accept: (request) => {
        const { commandId, edition } = request;
        return step(
          { name: 'accept', commandId, edition },
          () => log.accept(request),
          (outcome) => {
            if (outcome.type === 'refused') return { attributes: { 'flashwire.refused': outcome.problem } };
            const own = made.getStore();
            if (own && edition !== canaryEdition.id) own.command = { id: outcome.commandId, edition };
            return {
              // A replay is a step of the command that was accepted first.
              commandId: outcome.commandId,
              attributes: {
                'flashwire.item': outcome.id,
                'flashwire.version': outcome.version,
                'flashwire.replayed': outcome.replayed,
              },
            };
          },
        );
      },
    }),
    publisher: (publisher: Publisher): Publisher => ({
      enqueue: (edition, due) =>
        step(
          { name: 'job', commandId: due.commandId, edition },
          () => publisher.enqueue(edition, due),
          () => ({}),
        ),
      hold: (isHeld) => publisher.hold(isHeld),
      close: () => publisher.close(),
    }),
  };
}

/** A worker's log whose appends are recorded: the steps `wait`, from the due time to the append, and `append`, for each of a batch. */
export function traceAppends(traces: Traces, log: WorkerLog): WorkerLog {
  const step = steps(traces, (edition) => log.now(edition));
  return {
    ...log,
    appendAll: (edition, commands, passed) => {
      const from = log.now(edition);
      const outcomes = log.appendAll(edition, commands, passed);
      return Promise.all(
        commands.map(({ id: commandId, itemId, version, dueAt }, at) =>
          step(
            { name: 'append', commandId, edition },
            async () => {
              const outcome = (await outcomes)[at];
              if (!outcome) throw new Error('append.lua returned no outcome');
              return outcome;
            },
            (outcome) => {
              const attributes = {
                'flashwire.item': itemId,
                'flashwire.version': version,
                'flashwire.outcome': outcome.type,
              };
              if (outcome.type !== 'appended' || outcome.seen) return { attributes };
              if (edition !== canaryEdition.id)
                traces({
                  name: 'wait',
                  commandId,
                  from: dueAt,
                  to: from,
                  attributes: { 'flashwire.edition': edition },
                });
              return { attributes: { ...attributes, 'flashwire.seq': outcome.seq } };
            },
          ),
        ),
      );
    },
  };
}

/**
 * The steps of a fan-out: `follow`, from the append to its arrival here; `sweep`, until the first reader is written to; and `write`,
 * until 99 % of the readers are.
 */
export function traceDeliveries(traces: Traces): DeliveryWatch {
  return {
    opened: (edition, { commandId, at, seq, itemId, version }, openedAt) => {
      if (edition === canaryEdition.id) return;
      const attributes = {
        'flashwire.edition': edition,
        'flashwire.item': itemId,
        'flashwire.version': version,
        'flashwire.seq': seq,
      };
      traces({ name: 'follow', commandId, from: at, to: openedAt, attributes });
    },
    delivered: (edition, { commandId, openedAt, firstAt, mostAt, readers }) => {
      if (edition === canaryEdition.id) return;
      const attributes = { 'flashwire.edition': edition, 'flashwire.readers': readers };
      traces({ name: 'sweep', commandId, from: openedAt, to: firstAt, attributes });
      traces({ name: 'write', commandId, from: firstAt, to: mostAt, attributes });
    },
  };
}
