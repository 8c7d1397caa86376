import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { code } from './code-facts.ts';
import { composeFaults } from './compose-rules.ts';

const read = (path: string) => parse(readFileSync(path, 'utf8'), { merge: true }) as Record<string, unknown>;
const main = read('docker-compose.yml');
const included = readdirSync('deploy').filter((name) => /^compose\..*yml$/.test(name));

test('the compose files have only known fields, and agree with the code', () => {
  expect(composeFaults(main, code)).toEqual([]);
  for (const name of included) expect(composeFaults(read(`deploy/${name}`), code, main), name).toEqual([]);
});

test.each([
  ['an unknown field', 'fanout-1 memlimit', '2g', /fanout-1: Unrecognized key: "memlimit"/],
  [
    'a word for a number',
    'api healthcheck retries',
    'three',
    /api.healthcheck.retries: Invalid input: expected number/,
  ],
  ['privileges', 'redis privileged', true, /Unrecognized key: "privileged"/],
  [
    'a health check of a path that does not exist',
    'api healthcheck test',
    ['http://127.0.0.1:8080/ready'],
    /asks \/ready,/,
  ],
  ['a health check that is always well', 'api healthcheck test', ['http://127.0.0.1:8080/healthz'], /asks \/healthz,/],
  ['a health check of the wrong port', 'api environment PORT', '8081', /asks port 8080/],
  ['no health check', 'nginx healthcheck', undefined, /nginx: has no health check/],
  ['an unknown variable', 'worker environment FLASHWIRE_DRAIN', '9', /no variable FLASHWIRE_DRAIN exists/],
  ['a wrong value', 'worker environment LOG_LEVEL', 'loud', /LOG_LEVEL: must be one of/],
  ['a secret that is not there', 'worker secrets', [], /no secret is at \/run\/secrets\/redis-worker/],
  ['a secret that does not exist', 'worker secrets', ['redis-worker', 'redis-desk'], /no secret redis-desk exists/],
  ['a secret of another role', 'worker secrets', ['redis-worker', 'redis-api'], /redis-api of another role/],
  ['a role that does not exist', 'worker command', ['workers'], /workers is no role/],
  ['a grace period shorter than the drain', 'fanout-2 stop_grace_period', '10s', /fanout-2: its grace period/],
  ['an image of another version', 'api image', 'flashwire:0.2.0', /not of version/],
  ['an image without an exact tag', 'nginx image', 'nginx:latest', /no exact tag/],
  ['no memory limit', 'redis mem_limit', undefined, /redis: has no memory limit/],
  ['too little memory', 'worker mem_limit', '256m', /memory limit is below/],
  ['a root file system that can be written', 'nginx read_only', false, /nginx: can write its root file system/],
  ['a folder of the host that can be written', 'nginx volumes', ['./deploy:/etc/nginx'], /can write \.\/deploy/],
  ['a published Redis', 'redis ports', ['6379:6379'], /redis: publishes a port from an internal network/],
  ['no restart', 'worker restart', 'no', /worker: does not restart/],
  ['a network that does not exist', 'api networks', ['redis', 'front'], /no network front exists/],
] as const)('%s is found', (_what, place, value, fault) => {
  const files = [main, ...included.map((name) => read(`deploy/${name}`))].map((file) => structuredClone(file));
  const keys = ['services', ...place.split(' ')];
  const last = keys.pop() ?? '';
  const faults = files.flatMap((file) => {
    const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], file);
    if (typeof parent !== 'object' || parent === null) return [];
    if (value === undefined) delete (parent as Record<string, unknown>)[last];
    else (parent as Record<string, unknown>)[last] = value;
    return composeFaults(file, code, main);
  });
  expect(faults.join('\n')).toMatch(fault);
});
