import { desk, until } from '../../test/resources/flashwire.ts';
import { between, pause } from '../fuzz/random.ts';
import type { Site } from '../site/site.ts';
import { moment, type Strike } from './fault.ts';
import { killAndStart } from './process-faults.ts';

/**
 * Pulls STOP and releases it again and again while the desk posts, and kills a worker meanwhile. Between the two answers nothing but
 * hides and retractions may be appended; the checker looks for it. A retraction is out at once.
 */
export async function stopUnderLoad(strike: Strike): Promise<null> {
  const { site, desk: newsdesk, history, random, isShort } = strike;
  for (let n = 0; n < (isShort ? 2 : 5); n++) {
    await moment(random);
    const retract = await newsdesk.retraction();
    await turn(site, true);
    const from = await headOf(site);
    const retracted = await retract();
    if (retracted !== null) await until(() => areRetracted(site, [retracted]), 5_000, 'a retraction under STOP is out');
    if (n === 1) await killAndStart(strike, 'worker-1', 1);
    await pause(between(random, 300, 1_200));
    history.add({ e: 'held', at: history.now(), from, to: await headOf(site) });
    await turn(site, false);
  }
  return null;
}

export async function turn(site: Site, stopped: boolean): Promise<void> {
  const { status, body } = await desk(site.apiUrl, 'PUT', '/v1/stop', { stopped });
  if (status !== 200 || body['stopped'] !== stopped) throw new Error(`PUT /v1/stop: ${status} ${JSON.stringify(body)}`);
}

export async function areRetracted(site: Site, ids: readonly string[]): Promise<boolean> {
  const statuses = await Promise.all(ids.map((id) => site.direct.hget(`fw:{en}:item:${id}`, 'status')));
  return statuses.every((status) => status === 'retracted');
}

export async function headOf(site: Site): Promise<number> {
  return Number((await site.direct.hget('fw:{en}:meta', 'seq')) ?? 0);
}
