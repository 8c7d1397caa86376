import { until } from '../../test/resources/flashwire.ts';
import { pause } from '../fuzz/random.ts';
import type { RoleName, Site } from '../site/site.ts';
import { moment, type Strike } from './fault.ts';
import { areRetracted, headOf, turn } from './stop.ts';

/** docs/maintenance.md: this order for a newer version, the opposite one for a roll back. */
const order: readonly RoleName[] = ['worker-1', 'worker-2', 'api', 'fanout-1', 'fanout-2'];

/** Rolls the site back to another version and forward again, with a STOP and retractions while the two run side by side. */
export async function upgrade(strike: Strike): Promise<string | null> {
  const { otherFolder } = strike;
  if (otherFolder === null) return 'needs --from <folder>, the build of another version';
  await roll(strike, order.toReversed(), otherFolder);
  await roll(strike, order);
  return null;
}

async function roll(strike: Strike, roles: readonly RoleName[], folder?: string): Promise<void> {
  for (const role of roles) {
    await moment(strike.random);
    const replace = async () => {
      await strike.site.signal(role, 'SIGTERM');
      await strike.site.start(role, folder);
    };
    if (role === 'api') await underStop(strike, replace);
    else await replace();
  }
}

/** STOP by the api of one version, and its end by the other. Before and after, a retraction is out at once, and nothing else. */
async function underStop({ site, desk: newsdesk }: Strike, replaceApi: () => Promise<void>): Promise<void> {
  await turn(site, true);
  await until(
    async () => (await site.direct.llen('fw:{en}:queue:publish:active')) === 0,
    10_000,
    'no line is under way',
  );
  const head = await headOf(site);
  const retracted = [await newsdesk.retract()];
  await until(() => areRetracted(site, retracted), 3_000, 'a retraction under STOP is out');
  await replaceApi();
  retracted.push(await newsdesk.retract());
  await until(() => areRetracted(site, retracted), 3_000, 'a retraction after the change of the api is out');
  await pause(500);
  const shown = await shownSince(site, head);
  if (shown.length > 0) throw new Error(`STOP let out ${shown.join(', ')}`);
  await turn(site, false);
}

/** Entries after this one that show or change a line; `k` of an entry's header. */
async function shownSince(site: Site, seq: number): Promise<readonly string[]> {
  const entries = await site.direct.xrange('fw:{en}:log', `(${seq}-0`, '+');
  return entries.flatMap(([id, fields]) => (fields[fields.indexOf('k') + 1] === '' ? [] : [id]));
}
