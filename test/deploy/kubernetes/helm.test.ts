import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { code } from '../code-facts.ts';
import { assemble, type Manifest, readManifests } from './kustomize.ts';

const examples = ['sentinel', 'managed-redis'];
const rendered = (example: string) => readFileSync(`deploy/helm/rendered/${example}.yaml`, 'utf8');

/** Without the labels and the checksum that only a chart has, in the order of their names. */
function comparable(manifests: readonly Manifest[]): readonly unknown[] {
  const added = ['app.kubernetes.io/managed-by', 'helm.sh/chart', 'checksum/config'];
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([key]) => !added.includes(key));
    const kept = entries.filter(([key, one]) => key !== 'annotations' || Object.keys(strip(one) as object).length > 0);
    return Object.fromEntries(kept.map(([key, one]) => [key, strip(one)]));
  };
  const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
  return manifests.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b))).map(strip);
}

test.each(examples)('the chart with the values of the example %s has the objects of that example', (example) => {
  // Who installs a chart says in which namespace.
  const objects = assemble(`deploy/kubernetes/examples/${example}`).filter(({ kind }) => kind !== 'Namespace');
  expect(comparable(readManifests(rendered(example)))).toEqual(comparable(objects));
});

test('the chart is of the version of the package', () => {
  const chart = parse(readFileSync('deploy/helm/flashwire/Chart.yaml', 'utf8')) as Record<string, unknown>;
  expect([chart['version'], chart['appVersion']]).toEqual([code.version, code.version]);
});

const helm = (...args: readonly string[]) =>
  spawnSync('helm', ['template', 'flashwire', 'deploy/helm/flashwire', '--kube-version', '1.30.0', ...args], {
    encoding: 'utf8',
  });
const hasHelm = spawnSync('helm', ['version', '--short']).status === 0;

test.runIf(hasHelm).each(examples)('helm renders the committed objects of the example %s', (example) => {
  const { stdout, stderr } = helm('--namespace', 'flashwire', '--values', `deploy/helm/examples/${example}.yaml`);
  expect(stderr).toBe('');
  expect(readManifests(stdout)).toEqual(readManifests(rendered(example)));
});

test.runIf(hasHelm).each([
  ['no public address', [], /publicUrl: set it to the address that people use/],
  ['an address with a path', ['--set', 'publicUrl=https://news.example/x'], /publicUrl/],
  ['an unknown value', ['--set', 'publicUrl=https://news.example,replicas=3'], /'replicas' not allowed/],
  ['a word for a number', ['--set', 'publicUrl=https://news.example,drainMs=8s'], /drainMs/],
] as const)('helm refuses %s', (_what, args, fault) => {
  const { status, stderr } = helm(...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(fault);
});

test.runIf(hasHelm)('the grace period of the chart follows its drain', () => {
  const { stdout } = helm('--set', 'publicUrl=https://news.example,drainMs=30500');
  expect(stdout.match(/terminationGracePeriodSeconds: \d+/g)).toEqual(
    Array(3).fill('terminationGracePeriodSeconds: 51'),
  );
});
