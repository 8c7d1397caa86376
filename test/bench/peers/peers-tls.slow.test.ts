import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { comparisonSchema } from '../../../bench/figures/comparison.ts';
import { allPeers, lineUp } from '../../../bench/peers/peers.ts';

const main = fileURLToPath(new URL('../../../dist/bench/main.js', import.meta.url));
const small = '--readers 20 --rounds 1 --items 2 --burst-items 5 --warm-up 2 --connect-rate 100 --json'.split(' ');

for (const peer of lineUp(allPeers({ clock: () => 0 }), { only: '', tls: true }).peers) {
  test(`${peer.label}: over TLS every reader has every message once and in order`, { timeout: 60_000 }, async () => {
    const args = [main, 'peers', '--tls', '--only', peer.name, ...small];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { rounds, settings } = comparisonSchema.parse(JSON.parse(stdout));
    expect(settings['tls']).toBe(true);
    expect(rounds).toMatchObject([{ peer: peer.name, lost: 0, gaps: 0, duplicates: 0, faults: [] }]);
  });
}
