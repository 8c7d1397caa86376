import { pause } from '../fuzz/random.ts';
import type { RoleName, Site } from '../site/site.ts';
import { lasting, moment, type Strike } from './fault.ts';

export async function killAndStart({ site, random }: Strike<Site>, role: RoleName, times: number): Promise<null> {
  for (let n = 0; n < times; n++) {
    await moment(random);
    await site.signal(role, 'SIGKILL');
    await site.start(role);
  }
  return null;
}

export async function stopAndStart({ site, random }: Strike<Site>, role: RoleName, times: number): Promise<null> {
  for (let n = 0; n < times; n++) {
    await moment(random);
    await site.signal(role, 'SIGTERM');
    await site.start(role);
  }
  return null;
}

export async function freeze({ site, random, isShort }: Strike<Site>, role: RoleName, ms: number): Promise<null> {
  await moment(random);
  await site.signal(role, 'SIGSTOP');
  await lasting(isShort, ms);
  await site.signal(role, 'SIGCONT');
  return null;
}

export async function cutOff(
  { site, random, isShort }: Strike,
  role: RoleName,
  weather: 'both' | 'up' | 'down',
): Promise<null> {
  await moment(random);
  const proxy = site.proxy(role);
  proxy.set({ silentUp: weather !== 'down', silentDown: weather !== 'up' });
  await pause(isShort ? 6_500 : 9_000); // longer than a silent connection may go unnoticed
  proxy.set({});
  proxy.reset();
  return null;
}
