import { expect, test } from 'vitest';
import { countPeers, type Peer, Readiness } from '../../src/ops/readiness.ts';

const well: Peer = { isReady: true, provenAgoMs: 3_000 };

class Model {
  now = 0;
  peers: readonly Peer[] = [];
  readonly readiness = new Readiness({ now: () => this.now, peers: () => countPeers(this.peers), random: () => 0 });

  wait(seconds: number): string | null {
    this.now += seconds * 1_000;
    return this.readiness.whyNot();
  }
}

test('a process becomes unready when its canaries stop and those of others arrive', () => {
  const model = new Model();
  model.peers = [well, well];
  expect(model.wait(24)).toBeNull();
  expect(model.wait(2)).toBe('no canary for 26 s, while 2 of 2 other processes receive canaries');
});

test('an unready process is ready again after two canaries in a row, not after one', () => {
  const model = new Model();
  model.peers = [well, well];
  model.wait(30);
  model.readiness.proven();
  expect(model.wait(1)).not.toBeNull();
  model.wait(30);
  model.readiness.proven();
  expect(model.wait(10)).not.toBeNull();
  model.readiness.proven();
  expect(model.wait(0)).toBeNull();
});

test('all processes stay ready when no process receives canaries', () => {
  const model = new Model();
  model.peers = [
    { isReady: true, provenAgoMs: 60_000 },
    { isReady: true, provenAgoMs: null },
  ];
  expect(model.wait(120)).toBeNull();
  model.peers = [];
  expect(model.wait(120)).toBeNull();
});

test('an unready process is ready at once when all processes have the fault', () => {
  const model = new Model();
  model.peers = [well, well];
  expect(model.wait(30)).not.toBeNull();
  model.peers = [{ isReady: true, provenAgoMs: 40_000 }];
  expect(model.wait(1)).toBeNull();
});

test('a process stays ready when fewer than half would be left', () => {
  const model = new Model();
  model.peers = [well, { isReady: false, provenAgoMs: 90_000 }, { isReady: false, provenAgoMs: 90_000 }];
  expect(model.wait(30)).toBeNull();
});

test('an unready process stays unready when too few others are left', () => {
  const model = new Model();
  model.peers = [well, well];
  expect(model.wait(30)).not.toBeNull();
  model.peers = [well, { isReady: false, provenAgoMs: 90_000 }];
  expect(model.wait(1)).not.toBeNull();
});

class FaultyModel {
  now = 0;
  fault: string | null = null;
  peers: readonly Peer[] = [well];
  readonly readiness = new Readiness({
    now: () => this.now,
    peers: () => countPeers(this.peers),
    fault: () => this.fault,
    random: () => 0,
  });

  wait(seconds: number): string | null {
    this.now += seconds * 1_000;
    this.readiness.proven();
    return this.readiness.whyNot();
  }
}

test('a fault makes a process unready after five seconds, and ready again when it ends', () => {
  const model = new FaultyModel();
  model.fault = '90 % of the heap is in use';
  expect(model.wait(1)).toBeNull();
  expect(model.wait(4)).toBeNull();
  expect(model.wait(2)).toBe('90 % of the heap is in use');
  model.fault = null;
  expect(model.wait(1)).toBeNull();
  model.fault = 'en cannot be followed';
  expect(model.wait(1)).toBeNull();
});

test('a fault does not count without other processes, or when too few would be left', () => {
  const model = new FaultyModel();
  model.fault = 'en cannot be followed';
  model.peers = [];
  for (let n = 0; n < 20; n += 1) expect(model.wait(2)).toBeNull();
  model.peers = [well, { isReady: false, provenAgoMs: 1_000 }, { isReady: false, provenAgoMs: 1_000 }];
  for (let n = 0; n < 20; n += 1) expect(model.wait(2)).toBeNull();
});

test('two processes that become unready at the same moment become ready again', () => {
  const model = new FaultyModel();
  model.fault = 'the event loop is late by 300 ms (p99)';
  model.wait(1);
  expect(model.wait(6)).not.toBeNull();
  model.peers = [{ isReady: false, provenAgoMs: 1_000 }];
  expect(model.wait(1)).toBeNull();
});
