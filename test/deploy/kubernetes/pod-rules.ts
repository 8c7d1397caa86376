import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, Container, Probe, Service } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import { parseConfig, variableNames } from '../../../src/ops/config.ts';
import { processRoles } from '../../../src/wiring/roles/process.ts';
import type { Code } from '../code-facts.ts';

export interface Parts {
  readonly deployments: readonly Deployment[];
  readonly services: readonly Service[];
  readonly settings: Readonly<Record<string, string>>;
  of<T>(kind: string): readonly T[];
}

const podOf = ({ spec }: Deployment) => spec?.template.spec;
export const labelsOf = ({ spec }: Deployment) => spec?.template.metadata?.labels ?? {};
const containerOf = (deployment: Deployment) => podOf(deployment)?.containers[0];
export const portNamed = (deployment: Deployment, name: unknown) =>
  containerOf(deployment)?.ports?.find((port) => port.name === name)?.containerPort;

export function chooses(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}

export const when = (isWrong: boolean, fault: string) => (isWrong ? [fault] : []);

/** What is wrong with the pods of a Deployment, beside what their types say. */
export function podFaults(deployment: Deployment, parts: Parts, code: Code): readonly string[] {
  return [
    ...roleFaults(deployment, code),
    ...variableFaults(deployment, parts, code),
    ...probeFaults(deployment, code),
    ...stopFaults(deployment, parts),
    ...hardeningFaults(deployment, code),
    ...spreadFaults(deployment),
  ];
}

function roleFaults(deployment: Deployment, { version }: Code): readonly string[] {
  const { image = '', args = [] } = containerOf(deployment) ?? {};
  const role = labelsOf(deployment)['app.kubernetes.io/component'];
  return [
    ...when(image.split(':')[1] !== version, `image ${image} is not of version ${version}`),
    ...when(!isDeepStrictEqual(args, [role]) || !processRoles.some((name) => name === role), `${args} is not its role`),
    ...when(!chooses(deployment.spec?.selector, labelsOf(deployment)), 'its selector does not choose its own pods'),
  ];
}

/** Every variable exists and has a value that a role accepts; every file is mounted from a Secret that has it. */
function variableFaults(deployment: Deployment, { settings, of }: Parts, { secrets }: Code): readonly string[] {
  const { env = [], envFrom = [], volumeMounts = [] } = containerOf(deployment) ?? {};
  const role = containerOf(deployment)?.args?.[0];
  const isFile = (name: string) => name.endsWith('_FILE');
  const own = Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
  const all = { ...settings, ...own };
  const plain = Object.entries(all).filter(([name]) => !isFile(name));
  const mounted = volumeMounts.flatMap(({ name, mountPath }) => {
    const volume = podOf(deployment)?.volumes?.find((one) => one.name === name);
    return (volume?.secret?.items ?? []).map(({ key, path }) => ({ key, file: `${mountPath}/${path}` }));
  });
  const maps = of<ConfigMap>('ConfigMap').map(({ metadata }) => metadata?.name);
  const allowed = new Set([`redis-${role}`, ...(role === 'api' ? ['bootstrap-key'] : [])]);
  return [
    ...Object.keys(all)
      .map((name) => name.replace(/_FILE$/, ''))
      .filter((name) => !variableNames.some((known) => known === name))
      .map((name) => `no variable ${name} exists`),
    ...whyRefused(Object.fromEntries(plain)),
    ...Object.entries(all)
      .filter(([name, value]) => isFile(name) && !mounted.some(({ file }) => file === value))
      .map(([name, value]) => `${name}: no Secret is mounted at ${value}`),
    ...mounted.filter(({ key }) => !secrets.includes(key)).map(({ key }) => `no secret ${key} exists`),
    ...mounted.filter(({ key }) => !allowed.has(key)).map(({ key }) => `has the secret ${key} of another role`),
    ...when(!('REDIS_URL_FILE' in own), 'has no REDIS_URL_FILE'),
    ...envFrom
      .filter(({ configMapRef }) => !maps.includes(configMapRef?.name))
      .map(({ configMapRef }) => `no ConfigMap ${configMapRef?.name} exists`),
  ];
}

function whyRefused(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseConfig(env);
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function probeFaults(deployment: Deployment, { answers }: Code): readonly string[] {
  const { startupProbe, livenessProbe, readinessProbe, ports = [] } = containerOf(deployment) ?? {};
  const config = parseConfig({});
  const known: Readonly<Record<string, number>> = { http: config.PORT, metrics: config.FLASHWIRE_METRICS_PORT };
  const faultsOf = (name: string, probe: Probe | undefined, wanted: readonly number[]) => [
    ...when(probe?.httpGet === undefined, `has no ${name} probe`),
    ...when(
      !isDeepStrictEqual(answers.get(probe?.httpGet?.path ?? ''), wanted),
      `its ${name} probe asks ${probe?.httpGet?.path}, which does not answer ${wanted.join(' and, without Redis, ')}`,
    ),
    ...when(
      portNamed(deployment, probe?.httpGet?.port) !== config.PORT,
      `its ${name} probe asks port ${probe?.httpGet?.port}`,
    ),
  ];
  return [
    ...ports
      .filter(({ name = '', containerPort }) => known[name] !== containerPort)
      .map(({ name, containerPort }) => `nothing listens on port ${containerPort} (${name})`),
    ...faultsOf('startup', startupProbe, [200, 200]),
    ...faultsOf('liveness', livenessProbe, [200, 200]),
    ...faultsOf('readiness', readinessProbe, [200, 503]),
  ];
}

/** The grace period: what the preStop hook waits, the drain, and what closing takes. */
function stopFaults(deployment: Deployment, { settings }: Parts): readonly string[] {
  const { terminationGracePeriodSeconds: graceSeconds = 30 } = podOf(deployment) ?? {};
  const [command, seconds] = containerOf(deployment)?.lifecycle?.preStop?.exec?.command ?? ['sleep', '0'];
  const hasReaders = containerOf(deployment)?.args?.[0] === 'fanout';
  const drainMs = Number(settings['FLASHWIRE_DRAIN_MS'] ?? parseConfig({}).FLASHWIRE_DRAIN_MS);
  const { maxUnavailable, maxSurge } = deployment.spec?.strategy?.rollingUpdate ?? {};
  return [
    ...when(
      command !== 'sleep' || (hasReaders && Number(seconds) < 5),
      'its preStop hook does not wait 5 s for proxies',
    ),
    ...when(
      graceSeconds * 1_000 < drainMs + 20_000 || graceSeconds <= Number(seconds) + drainMs / 1_000 + 5,
      `its grace period of ${graceSeconds} s is shorter than the drain and 20 s`,
    ),
    ...when(maxUnavailable !== 0 || Number(maxSurge) < 1, 'a rollout takes a pod before its successor is ready'),
  ];
}

function megabytesOf(quantity: unknown): number {
  const [, number = '0', unit = ''] = /^(\d+)(Mi|Gi)$/.exec(String(quantity)) ?? [];
  return Number(number) * (unit === 'Gi' ? 1_024 : 1);
}

function hardeningFaults(deployment: Deployment, { leastMegabytes }: Code): readonly string[] {
  const pod = podOf(deployment);
  const { containers = [], initContainers = [] } = pod ?? {};
  return [
    ...when(pod?.securityContext?.runAsNonRoot !== true, 'may run as root'),
    ...when(pod?.securityContext?.seccompProfile?.type !== 'RuntimeDefault', 'has no seccomp profile'),
    ...when(pod?.automountServiceAccountToken !== false, 'has a token of the cluster'),
    ...when(pod?.enableServiceLinks !== false, 'has the addresses of other services as variables'),
    ...[...containers, ...initContainers].flatMap(({ name, ...container }) =>
      containerFaults(container, leastMegabytes).map((fault) => `${name} ${fault}`),
    ),
  ];
}

function containerFaults({ resources, securityContext }: Omit<Container, 'name'>, leastMegabytes: number) {
  const { requests = {}, limits = {} } = resources ?? {};
  return [
    ...when(!requests['cpu'] || megabytesOf(requests['memory']) === 0, 'has no requests'),
    ...when(megabytesOf(limits['memory']) < leastMegabytes, `has no memory limit of ${leastMegabytes} MB or more`),
    ...when(limits['cpu'] !== undefined, 'has a CPU limit'),
    ...when(securityContext?.readOnlyRootFilesystem !== true, 'can write its root file system'),
    ...when(securityContext?.allowPrivilegeEscalation !== false, 'may gain privileges'),
    ...when(!isDeepStrictEqual(securityContext?.capabilities, { drop: ['ALL'] }), 'has capabilities'),
  ];
}

function spreadFaults(deployment: Deployment): readonly string[] {
  const spread = podOf(deployment)?.topologySpreadConstraints ?? [];
  const rule = (key: string) => spread.find(({ topologyKey }) => topologyKey === key)?.whenUnsatisfiable;
  return [
    ...when(rule('topology.kubernetes.io/zone') !== 'ScheduleAnyway', 'is not spread over zones'),
    ...when(rule('kubernetes.io/hostname') !== 'DoNotSchedule', 'is not spread over hosts'),
    ...when(
      spread.some(({ labelSelector }) => !isDeepStrictEqual(labelSelector, deployment.spec?.selector)),
      'is spread beside pods of something else',
    ),
  ];
}
