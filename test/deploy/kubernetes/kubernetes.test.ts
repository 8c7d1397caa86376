import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/ops/config.ts';
import { readSite } from '../../../src/wiring/site-file.ts';
import { code } from '../code-facts.ts';
import { assemble, type Manifest, readManifests } from './kustomize.ts';
import { manifestFaults } from './manifest-rules.ts';
import { typeFaults } from './manifest-types.ts';
import { routeFaults } from './route-rules.ts';

const examples = readdirSync('deploy/kubernetes/examples').map((name) => join('deploy/kubernetes/examples', name));
/** Everything that an example can have. */
const whole = ['base', 'gateway', 'ingress', 'monitoring'].flatMap((name) => assemble(join('deploy/kubernetes', name)));

const agreementFaults = (manifests: readonly Manifest[]) => [
  ...manifestFaults(manifests, code),
  ...routeFaults(manifests),
];

/** A copy with another value at one place; the keys of the place are separated by spaces. */
function changed(object: string, place: string, value: unknown): readonly Manifest[] {
  const copy = structuredClone(whole);
  const keys = place.split(' ');
  const last = keys.pop() ?? '';
  const manifest: unknown = copy.find(({ kind, metadata }) => `${kind} ${metadata.name}` === object);
  const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], manifest);
  if (value === undefined) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
  return copy;
}

const fanout = 'Deployment flashwire-fanout';
const container = 'spec template spec containers 0';

test.each(examples)('%s agrees with the code and with itself', (folder) => {
  expect(agreementFaults(assemble(folder))).toEqual([]);
  expect(readSite(join(folder, 'flashwire.config.json')).editions).not.toEqual([]);
  const addresses = readFileSync(join(folder, 'kustomization.yaml'), 'utf8').match(/rediss?[\w-]*:\/\/\S+/g) ?? [];
  expect(addresses).not.toEqual([]);
  for (const address of addresses) expect(parseConfig({ REDIS_URL: address }).REDIS_URL).toBe(address);
});

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

test.runIf(hasKubectl).each(examples)('kubectl builds %s into the objects that the other tests check', (folder) => {
  const { stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const withoutHashes = stdout.replace(/^( *name: flashwire(?:-site)?)-[a-z0-9]{10}$/gm, '$1');
  const withoutNamespace = readManifests(withoutHashes).map((manifest) => {
    const { namespace, ...metadata } = manifest.metadata as Manifest['metadata'] & { namespace?: string };
    expect(namespace, manifest.metadata.name).toBe(manifest.kind === 'Namespace' ? undefined : 'flashwire');
    return { ...manifest, metadata };
  });
  const sorted = (manifests: readonly Manifest[]) =>
    manifests.toSorted((a, b) => `${a.kind} ${a.metadata.name}`.localeCompare(`${b.kind} ${b.metadata.name}`));
  expect(sorted(withoutNamespace)).toEqual(sorted(assemble(folder)));
});

const typeMistakes = [
  ['an unknown field', fanout, 'spec replics', 3, /"replics"' does not exist/],
  ['an unknown field of a container', fanout, `${container} livenessProb`, {}, /"livenessProb"' does not exist/],
  ['a string for a number', fanout, 'spec minReadySeconds', '30', /'string' is not assignable to type 'number'/],
  ['a number for a string', fanout, `${container} args 0`, 1, /'number' is not assignable to type 'string'/],
  ['a version that does not exist', fanout, 'apiVersion', 'apps/v1beta1', /no such object is known/],
  ['no selector', fanout, 'spec selector', undefined, /'selector' is missing/],
  ['no spec', 'PodDisruptionBudget flashwire-api', 'spec', undefined, /'spec' is missing/],
  ['a misspelt metric', 'HorizontalPodAutoscaler flashwire-fanout', 'spec metrics 0 pods', { metrics: 1 }, /metrics/],
  ['an unknown field of a route', 'HTTPRoute flashwire', 'spec hosts', ['news.example'], /"hosts"' does not exist/],
  [
    'an unknown field of a monitor',
    'PodMonitor flashwire',
    'spec podMetricsEndpoint',
    [],
    /"podMetricsEndpoint"' does/,
  ],
] as const;

test('every object has only known fields of the right types, and each wrong field or type is found', () => {
  const right = [whole, ...examples.map(assemble)];
  const wrong = typeMistakes.map(([, object, place, value]) => changed(object, place, value));
  const faults = typeFaults([...right, ...wrong]);
  expect(faults.slice(0, right.length)).toEqual(right.map(() => []));
  for (const [at, [what, , , , fault]] of typeMistakes.entries())
    expect(faults[right.length + at]?.join('\n'), what).toMatch(fault);
});

test.each([
  [
    'a probe path that does not exist',
    fanout,
    `${container} readinessProbe httpGet path`,
    '/ready',
    /asks \/ready, which/,
  ],
  [
    'liveness that depends on Redis',
    fanout,
    `${container} livenessProbe httpGet path`,
    '/readyz',
    /liveness probe asks/,
  ],
  [
    'a probe of the wrong port',
    fanout,
    `${container} livenessProbe httpGet port`,
    'metrics',
    /probe asks port metrics/,
  ],
  ['no startup probe', fanout, `${container} startupProbe`, undefined, /no startup probe/],
  [
    'a port on which nothing listens',
    fanout,
    `${container} ports 0 containerPort`,
    8081,
    /nothing listens on port 8081/,
  ],
  ['an unknown variable', fanout, `${container} env 0 name`, 'REDIS_ADDRESS_FILE', /no variable REDIS_ADDRESS exists/],
  ['an unknown setting', 'ConfigMap flashwire', 'data FLASHWIRE_DRAIN', '9', /no variable FLASHWIRE_DRAIN exists/],
  [
    'a setting with a wrong value',
    'ConfigMap flashwire',
    'data FLASHWIRE_DRAIN_MS',
    '8s',
    /FLASHWIRE_DRAIN_MS: must be/,
  ],
  ['a ConfigMap that does not exist', fanout, `${container} envFrom 0 configMapRef name`, 'site', /no ConfigMap site/],
  ['a secret that is not mounted', fanout, 'spec template spec volumes 0 secret items', [], /no Secret is mounted/],
  [
    'a secret that does not exist',
    fanout,
    'spec template spec volumes 0 secret items 0 key',
    'redis',
    /no secret redis/,
  ],
  [
    'a secret of another role',
    fanout,
    'spec template spec volumes 0 secret items 0 key',
    'redis-api',
    /of another role/,
  ],
  ['a role that does not exist', fanout, `${container} args 0`, 'fan-out', /fan-out is not its role/],
  [
    'a grace period shorter than the drain',
    fanout,
    'spec template spec terminationGracePeriodSeconds',
    10,
    /grace period/,
  ],
  ['a drain longer than the grace period', 'ConfigMap flashwire', 'data FLASHWIRE_DRAIN_MS', '30000', /grace period/],
  ['no wait for proxies', fanout, `${container} lifecycle`, undefined, /preStop/],
  ['a rollout that takes a pod first', fanout, 'spec strategy rollingUpdate maxUnavailable', 1, /before its successor/],
  ['an image of another version', fanout, `${container} image`, 'flashwire:0.2.0', /not of version/],
  ['no memory limit', fanout, `${container} resources limits`, undefined, /no memory limit/],
  ['no requests', fanout, `${container} resources requests`, undefined, /no requests/],
  [
    'a root file system that can be written',
    fanout,
    `${container} securityContext readOnlyRootFilesystem`,
    false,
    /write/,
  ],
  ['a pod that may run as root', fanout, 'spec template spec securityContext runAsNonRoot', false, /may run as root/],
  [
    'a budget with another selector',
    'PodDisruptionBudget flashwire-fanout',
    'spec selector matchLabels app.kubernetes.io/component',
    'api',
    /flashwire-fanout: no PodDisruptionBudget/,
  ],
  [
    'a spread over other pods',
    fanout,
    'spec template spec topologySpreadConstraints 0 labelSelector matchLabels app.kubernetes.io/component',
    'api',
    /beside pods of something else/,
  ],
  ['a Service without pods', 'Service flashwire-api', 'spec selector app.kubernetes.io/component', 'desk', /chooses 0/],
  ['a Service of a port that no pod has', 'Service flashwire-api', 'spec ports 0 targetPort', 'web', /no port web/],
  ['a policy without pods', 'NetworkPolicy flashwire-front', 'spec podSelector matchLabels a', 'b', /chooses no pods/],
  [
    'a policy that denies nothing',
    'NetworkPolicy flashwire-deny',
    'spec egress',
    [{}],
    /no NetworkPolicy denies Egress/,
  ],
  ['replicas beside an autoscaler', fanout, 'spec replicas', 3, /the next apply would undo it/],
  [
    'a metric that does not exist',
    'HorizontalPodAutoscaler flashwire-fanout',
    'spec metrics 0 pods metric name',
    'flashwire_readers',
    /no metric flashwire_readers/,
  ],
  [
    'a fast way down',
    'HorizontalPodAutoscaler flashwire-fanout',
    'spec behavior scaleDown stabilizationWindowSeconds',
    60,
    /before the readers have settled/,
  ],
  ['metrics on loopback', 'ConfigMap flashwire', 'data FLASHWIRE_METRICS_HOST', '127.0.0.1', /on loopback only/],
  ['a scrape of the wrong port', 'PodMonitor flashwire', 'spec podMetricsEndpoints 0 port', 'http', /on port http/],
  [
    'a route that lacks a path',
    'HTTPRoute flashwire',
    'spec rules 0 matches 0 path value',
    '/admin',
    /\/desk leads to/,
  ],
  ['a time limit of streams', 'HTTPRoute flashwire', 'spec rules 1 timeouts', undefined, /cuts streams/],
  [
    'an Ingress to a Service that does not exist',
    'Ingress flashwire',
    'spec rules 0 http paths 0 backend service name',
    'flashwire-desk',
    /no Service flashwire-desk/,
  ],
] as const)('%s is found', (_what, object, place, value, fault) => {
  expect(agreementFaults(whole)).toEqual([]);
  expect(agreementFaults(changed(object, place, value)).join('\n')).toMatch(fault);
});
