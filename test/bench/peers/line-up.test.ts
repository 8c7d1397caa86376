import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Comparison, comparisonSchema, failedRound } from '../../../bench/figures/comparison.ts';
import type { Peer } from '../../../bench/peers/peer.ts';
import { allPeers, continued, lineUp } from '../../../bench/peers/peers.ts';
import { readStored, writeStored } from '../../../bench/run/stored.ts';

const floor = peer('floor', 'plain');
const own = peer('flashwire', 'plain');
const behindNginx = peer('flashwire-nginx', 'tls');
const ws = peer('ws', 'both');
const absent = peer('sockudo', 'both', 'sockudo (cargo install sockudo)');
const all = [floor, own, behindNginx, ws, absent];

test('a system that is not installed is named with what it needs', () => {
  const { peers, absent: reasons } = lineUp(all, { only: '', tls: false });
  expect(peers).toEqual([floor, own, ws]);
  expect(reasons).toEqual(['Label of sockudo: needs sockudo (cargo install sockudo)']);
});

test('over TLS Flashwire stands behind its proxies, and who has no TLS is named', () => {
  const { peers, absent: reasons } = lineUp(all, { only: '', tls: true });
  expect(peers).toEqual([behindNginx, ws]);
  expect(reasons).toEqual([
    'Label of floor: has no TLS of its own',
    'Label of sockudo: needs sockudo (cargo install sockudo)',
  ]);
});

test('a system that is asked for by name and cannot take part is named with the reason', () => {
  expect(lineUp(all, { only: 'flashwire-nginx, ws', tls: false })).toEqual({
    peers: [ws],
    absent: ['Label of flashwire-nginx: takes part with --tls'],
  });
  expect(() => lineUp(all, { only: 'nginx', tls: false })).toThrow(/no system "nginx": there are floor, flashwire/);
});

test('a variant takes part only if it is named', () => {
  const variant = { ...peer('flashwire-node', 'plain'), isByNameOnly: true };
  expect(lineUp([floor, variant], { only: '', tls: false })).toEqual({ peers: [floor], absent: [] });
  expect(lineUp([floor, variant], { only: 'flashwire-node', tls: false }).peers).toEqual([variant]);
});

test('every system has a name of its own, and only Flashwire has a log', () => {
  const peers = allPeers({ clock: () => 0 });
  expect(new Set(peers.map(({ name }) => name)).size).toBe(peers.length);
  expect(peers.filter(({ hasLog }) => hasLog).every(({ name }) => name.startsWith('flashwire'))).toBe(true);
});

test('a file of rounds is gone on with, also for more rounds and more systems', () => {
  const kept = comparison({ rounds: 3 }, ['ws'], ['ws', 'ws']);
  const more = continued(comparison({ rounds: 5 }, ['ws', 'nats'], []), kept, 'peers.json');
  expect(more.rounds).toHaveLength(2);
  expect(more.settings['rounds']).toBe(5);
  expect(more.peers.map(({ name }) => name)).toEqual(['ws', 'nats']);
});

test('a file of rounds that were measured otherwise is refused', () => {
  const kept = comparison({ rounds: 3, readers: 500 }, ['ws'], ['ws']);
  const other = () => continued(comparison({ rounds: 3, readers: 1_000 }, ['ws'], []), kept, 'peers.json');
  expect(other).toThrow(/peers.json was measured with other settings/);
});

test('a stored result is read back as it was, and a file of something else is refused by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-stored-'));
  try {
    const file = join(folder, 'peers.json');
    expect(readStored(file, comparisonSchema)).toBeNull();
    const kept = comparison({ rounds: 3 }, ['ws'], ['ws']);
    writeStored(file, kept);
    expect(readStored(file, comparisonSchema)).toEqual(kept);
    writeFileSync(file, '{"kind":"comp');
    expect(() => readStored(file, comparisonSchema)).toThrow(/peers.json is no result/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function peer(name: string, ways: Peer['ways'], missing: string | null = null): Peer {
  const start = () => Promise.reject(new Error('is not started here'));
  return { name, label: `Label of ${name}`, hasLog: false, ways, missing: () => missing, start };
}

function comparison(settings: Comparison['settings'], peers: readonly string[], rounds: readonly string[]): Comparison {
  return {
    kind: 'comparison',
    at: '2026-02-03T04:05:06.000Z',
    machine: { cpu: 'a', commit: 'b', node: 'c' },
    settings,
    peers: peers.map((name) => ({ name, label: name })),
    absent: [],
    rounds: rounds.map((name) => failedRound(name, '')),
  };
}
