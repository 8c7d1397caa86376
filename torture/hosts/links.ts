import type { Fault } from '../faults/fault.ts';
import { pause } from '../fuzz/random.ts';
import type { HostSite, RedisRoles } from './host-site.ts';
import type { HostName } from './network.ts';

interface Link {
  /** Names of the two ends. */
  readonly one: string;
  readonly other: string;
  /** As of a fault. */
  readonly failsOver?: true;
  readonly cutsReaders?: true;
  ends(redis: RedisRoles): readonly [one: readonly HostName[], other: readonly HostName[]];
}

const fanouts = ['fanout-1', 'fanout-2', 'fanout-3'] as const;
const roles = ['api', 'worker', ...fanouts] as const;

/** Every connection between two hosts is on one of them. A Redis and its Sentinel are one machine, so nothing is between these. */
const links: readonly Link[] = [
  { one: 'api', other: 'primary', ends: ({ primary }) => [['api'], [primary]] },
  { one: 'worker', other: 'primary', ends: ({ primary }) => [['worker'], [primary]] },
  { one: 'fan-out', other: 'primary', ends: ({ primary }) => [['fanout-1'], [primary]] },
  { one: 'all fan-outs', other: 'primary', ends: ({ primary }) => [fanouts, [primary]] },
  {
    one: 'all roles',
    other: 'Sentinels',
    ends: ({ sentinelOfPrimary, otherSentinels }) => [roles, [sentinelOfPrimary, ...otherSentinels]],
  },
  { one: 'replica', other: 'primary', ends: ({ primary, replicas }) => [replicas.slice(0, 1), [primary]] },
  { one: 'both replicas', other: 'primary', ends: ({ primary, replicas }) => [replicas, [primary]] },
  {
    one: 'Sentinels',
    other: 'primary',
    failsOver: true,
    ends: ({ primary, otherSentinels }) => [otherSentinels, [primary]],
  },
  {
    one: 'Sentinel',
    other: 'Sentinels',
    ends: ({ sentinelOfPrimary, otherSentinels: [one = sentinelOfPrimary, ...others] }) => [
      [one],
      [sentinelOfPrimary, ...others],
    ],
  },
  {
    one: 'primary',
    other: 'everything',
    failsOver: true,
    ends: ({ primary, replicas, sentinelOfPrimary, otherSentinels }) => [
      [primary, sentinelOfPrimary],
      [...roles, ...replicas, ...otherSentinels],
    ],
  },
  { one: 'balancer', other: 'fan-out', cutsReaders: true, ends: () => [['balancer'], ['fanout-1']] },
  { one: 'balancer', other: 'api', ends: () => [['balancer'], ['api']] },
  { one: 'clients', other: 'balancer', cutsReaders: true, ends: () => [['clients'], ['balancer']] },
];

/** Each link, cut for 5 s and for 60 s: what one end sends is lost, what the other sends, and both. */
export const cuts: readonly Fault<HostSite>[] = [
  { name: 'nothing', rows: '-', isShort: true, strike: async () => pause(3_000).then(() => null) },
  ...cutsFor(5).map((fault) => ({ ...fault, isShort: true as const })),
  ...cutsFor(60),
];

function cutsFor(seconds: number): readonly Fault<HostSite>[] {
  return links.flatMap((link) => {
    const { one, other } = link;
    const directions = [
      [`${one} to ${other}`, true, false],
      [`${other} to ${one}`, false, true],
      [`${one} and ${other}`, true, true],
    ] as const;
    return directions.map(([name, there, back]) => faultOf(link, `${name}, ${seconds} s`, seconds, there, back));
  });
}

function faultOf(
  { failsOver, cutsReaders, ends }: Link,
  name: string,
  seconds: number,
  there: boolean,
  back: boolean,
): Fault<HostSite> {
  return {
    name,
    rows: failsOver ? '4a' : '19',
    ...(failsOver && { failsOver }),
    ...(cutsReaders && { cutsReaders }),
    strike: async ({ site }) => {
      const [from, to] = ends(await site.redisRoles());
      if (there) site.network.cut(from, to);
      if (back) site.network.cut(to, from);
      await pause(seconds * 1_000);
      site.network.heal();
      return null;
    },
  };
}
