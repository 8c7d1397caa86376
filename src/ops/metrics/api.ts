import { Counter, Gauge, Histogram, type Metric } from 'prom-client';
import { type Durability, durabilities } from '../redis/durability.ts';
import { isTraced, traceIdOf } from '../traces.ts';
import { type Reading, reading } from './metrics.ts';

/** All apis see the same Redis, so the supervisor takes the maximum. */
export function durabilityReading(state: () => Durability['state'] | null): Reading {
  const values = () => Object.fromEntries(durabilities.map((name) => [name, Number(name === state())]));
  const help = 'What accepted commands rest on: 1 for the state that Redis is in';
  return reading('redis_durability', help, values, { label: 'state', aggregate: 'max' });
}

/** The metrics of an api process, and the meter that feeds them. All label values are from closed sets. */
export function createApiMetrics(outcomes: readonly string[], openDesks: () => number) {
  const hasTraces = isTraced();
  const registers: [] = [];
  const requests = new Counter({
    name: 'flashwire_desk_requests_total',
    help: 'Requests to the desk API: read, accepted, or the type of the problem',
    labelNames: ['outcome'],
    registers,
  });
  const unauthenticated = new Counter({
    name: 'flashwire_authentication_failures_total',
    help: 'Failed authentications by kind: key, session, sign-in',
    labelNames: ['proof'],
    registers,
  });
  const signIns = new Counter({ name: 'flashwire_sign_ins_total', help: 'Sign-ins at the desk page', registers });
  const decisions = new Histogram({
    name: 'flashwire_accept_seconds',
    help: 'Time in which the log accepted or refused a command',
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers,
    enableExemplars: hasTraces,
  });
  const desks = new Gauge({
    name: 'flashwire_open_desks',
    help: 'Open streams of desks',
    registers,
    collect() {
      this.set(openDesks());
    },
  });
  // From the start, so that a rate exists before the first of its kind.
  for (const outcome of outcomes) requests.inc({ outcome }, 0);
  for (const proof of ['key', 'session', 'sign-in']) unauthenticated.inc({ proof }, 0);
  return {
    metrics: [requests, unauthenticated, signIns, decisions, desks] as readonly Metric[],
    meter: {
      answered: (outcome: string) => requests.inc({ outcome }),
      decided: (seconds: number, commandId: string) => {
        if (hasTraces) decisions.observe({ value: seconds, exemplarLabels: { trace_id: traceIdOf(commandId) } });
        else decisions.observe(seconds);
      },
      signedIn: () => signIns.inc(),
      notLetIn: (proof: string) => unauthenticated.inc({ proof }),
    },
  };
}
