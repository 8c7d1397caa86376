import { type SwarmReport, words } from '../readers/swarm-report.ts';
import { lostOf, type Reach } from '../run/reach.ts';
import type { Growth } from './memory-watch.ts';
import type { Probed } from './page-probe.ts';

/** What readers of one transport have had of it, in ms from the moment that the POST was due. */
export interface DeliveryTimes {
  readonly transport: string;
  readonly attackP99Ms: number | null;
  readonly controlP99Ms: number | null;
}

/** All that one run is judged by. */
export interface AttackOutcome {
  readonly readers: number;
  readonly reaches: readonly Reach[];
  readonly report: Pick<SwarmReport, 'faults' | 'examples' | 'open' | 'refused' | 'dropped' | 'frames'>;
  /** Before the attack and after it. */
  readonly epochs: readonly [string, string];
  readonly deliveries: readonly DeliveryTimes[];
  /** By the way to them, such as `through nginx`. */
  readonly pages: Readonly<Record<string, readonly Probed[]>>;
  readonly growths: readonly Growth[];
  /** Requests a second of the attack, and where it was repeated against the stand-in. */
  readonly attackRequests: number;
  readonly controlRequests: number;
}

const mostSlower = 2;
const mostGrowthBytes = 100e6;

/** Every bound that does not hold, in words. Empty: the attack took nothing away from anybody. */
export function brokenBounds(outcome: AttackOutcome): readonly string[] {
  return [
    ...readerFaults(outcome),
    ...outcome.deliveries.flatMap(slowness),
    ...Object.entries(outcome.pages).flatMap(([way, pages]) => pages.flatMap((probed) => refusal(way, probed))),
    ...outcome.growths.flatMap(growth),
    ...repetition(outcome),
  ];
}

function readerFaults({ readers, reaches, report, epochs }: AttackOutcome): readonly string[] {
  const lost = lostOf(reaches, readers);
  return [
    ...Object.entries(report.faults).map(([kind, times]) => `readers: ${kind} ${times} times`),
    ...report.examples.slice(0, 3).map((example) => `for example ${example}`),
    ...(reaches.length === 0 ? ['no item was posted'] : []),
    ...(lost > 0 ? [`lost: ${lost} of ${readers * reaches.length} deliveries`] : []),
    ...(report.open < readers
      ? [`readers without a connection at the end: ${readers - report.open} (${words(report.refused)})`]
      : []),
    ...(epochs[0] === epochs[1] ? [] : [`a new epoch began: ${epochs[0]} became ${epochs[1]}`]),
  ];
}

function slowness({ transport, attackP99Ms, controlP99Ms }: DeliveryTimes): readonly string[] {
  if (attackP99Ms === null || controlP99Ms === null) return [`delivery over ${transport}: nothing was measured`];
  return attackP99Ms <= mostSlower * controlP99Ms
    ? []
    : [
        `delivery over ${transport}: p99 ${attackP99Ms.toFixed(1)} ms is more than ${mostSlower} times that of the control, ${controlP99Ms.toFixed(1)} ms`,
      ];
}

function refusal(way: string, { page, ms, refused }: Probed): readonly string[] {
  if (Object.keys(refused).length > 0) return [`${page} ${way}: ${words(refused)}`];
  return ms.length === 0 ? [`${page} ${way}: never asked for`] : [];
}

function growth({ name, startBytes, mostBytes }: Growth): readonly string[] {
  if (startBytes === 0) return [`${name}: its memory could not be read`];
  return mostBytes - startBytes <= mostGrowthBytes
    ? []
    : [`${name}: grew by ${megabytes(mostBytes - startBytes)} from ${megabytes(startBytes)}`];
}

/** A control that asks for less than the attack would be compared with too easily; one without an attack proves nothing. */
function repetition({ attackRequests, controlRequests }: AttackOutcome): readonly string[] {
  if (attackRequests < fewestRequests)
    return [`there was hardly an attack: ${attackRequests.toFixed(0)} requests a second`];
  return Math.abs(controlRequests / attackRequests - 1) <= 0.1
    ? []
    : [
        `the control was of ${controlRequests.toFixed(0)} requests a second, the attack of ${attackRequests.toFixed(0)}`,
      ];
}

const fewestRequests = 100;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
