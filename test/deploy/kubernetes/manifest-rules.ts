import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { ConfigMap, Service } from 'kubernetes-types/core/v1.js';
import type { LabelSelector } from 'kubernetes-types/meta/v1.js';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { Code } from '../code-facts.ts';
import type { Manifest } from './kustomize.ts';
import { chooses, labelsOf, type Parts, podFaults, portNamed, when } from './pod-rules.ts';

/** What tsc cannot know: whether the objects agree with the code and with one another. The manifests have the right types. */
export function manifestFaults(manifests: readonly Manifest[], code: Code): readonly string[] {
  const of = <T>(kind: string) => manifests.filter((one) => one.kind === kind) as unknown as readonly T[];
  const configMaps = new Map(of<ConfigMap>('ConfigMap').map(({ metadata, data }) => [metadata?.name, data ?? {}]));
  const parts = {
    deployments: of<Deployment>('Deployment'),
    services: of<Service>('Service'),
    settings: configMaps.get('flashwire') ?? {},
    of,
  };
  return [
    ...parts.deployments.flatMap((deployment) =>
      [...podFaults(deployment, parts, code), ...budgetFaults(deployment, parts)].map(
        (fault) => `${deployment.metadata?.name}: ${fault}`,
      ),
    ),
    ...serviceFaults(parts),
    ...policyFaults(parts),
    ...scalingFaults(parts, code),
    ...monitorFaults(parts),
  ];
}

function budgetFaults(deployment: Deployment, { of }: Parts): readonly string[] {
  const budgets = of<PodDisruptionBudget>('PodDisruptionBudget').filter(({ spec }) =>
    isDeepStrictEqual(spec?.selector, deployment.spec?.selector),
  );
  return when(
    budgets.length !== 1 || budgets[0]?.spec?.maxUnavailable !== 1,
    'no PodDisruptionBudget has its selector',
  );
}

function serviceFaults({ services, deployments }: Parts): readonly string[] {
  return services.flatMap(({ metadata, spec }) => {
    const backends = deployments.filter((one) => chooses({ matchLabels: spec?.selector ?? {} }, labelsOf(one)));
    const [backend] = backends;
    const misses = (spec?.ports ?? []).filter(({ targetPort }) => !backend || !portNamed(backend, targetPort));
    return [
      ...when(backends.length !== 1, `Service ${metadata?.name}: its selector chooses ${backends.length} Deployments`),
      ...misses.map(({ targetPort }) => `Service ${metadata?.name}: its pods have no port ${targetPort}`),
      ...when(spec?.sessionAffinity !== undefined, `Service ${metadata?.name}: a client may resume at any pod`),
    ];
  });
}

/** A policy that chooses nothing, or names a port that no pod has, allows nothing and is silent about it. */
function policyFaults({ deployments, of }: Parts): readonly string[] {
  const policies = of<NetworkPolicy>('NetworkPolicy');
  const allows = (direction: string, deployment: Deployment) =>
    policies.some(
      ({ spec }) =>
        spec?.policyTypes?.includes(direction) &&
        !(direction === 'Ingress' ? spec.ingress : spec.egress) &&
        chooses(spec.podSelector, labelsOf(deployment)),
    );
  return [
    ...deployments.flatMap((deployment) =>
      ['Ingress', 'Egress']
        .filter((direction) => !allows(direction, deployment))
        .map((direction) => `${deployment.metadata?.name}: no NetworkPolicy denies ${direction} first`),
    ),
    ...policies.flatMap(({ metadata, spec }) => {
      const chosen = deployments.filter((one) => chooses(spec?.podSelector, labelsOf(one)));
      const ports = (spec?.ingress ?? []).flatMap(({ ports: some }) => some ?? [{ port: 'every port' }]);
      return [
        ...when(chosen.length === 0, `NetworkPolicy ${metadata?.name}: chooses no pods`),
        ...ports
          .filter(({ port }) => chosen.some((one) => portNamed(one, port) === undefined))
          .map(({ port }) => `NetworkPolicy ${metadata?.name}: a pod has no port ${port}`),
      ];
    }),
  ];
}

function scalingFaults({ deployments, of }: Parts, { metrics }: Code): readonly string[] {
  return of<HorizontalPodAutoscaler>('HorizontalPodAutoscaler').flatMap(({ metadata, spec }) => {
    const target = deployments.find((one) => one.metadata?.name === spec?.scaleTargetRef.name);
    const named = (spec?.metrics ?? []).map(({ pods }) => pods?.metric.name ?? '');
    const down = spec?.behavior?.scaleDown;
    return [
      ...when(target === undefined, `no Deployment ${spec?.scaleTargetRef.name} exists`),
      ...when(target?.spec?.replicas !== undefined, 'the next apply would undo it: its Deployment has replicas'),
      ...when(named.length === 0, 'has no metric'),
      ...named.filter((name) => !metrics.has(name)).map((name) => `no metric ${name} exists`),
      ...when((down?.stabilizationWindowSeconds ?? 300) < 1_800, 'scales down before the readers have settled'),
      ...when(
        !down?.policies?.every(({ type, value }) => type === 'Pods' && value === 1),
        'takes several pods at once',
      ),
    ].map((fault) => `HorizontalPodAutoscaler ${metadata?.name}: ${fault}`);
  });
}

interface PodMonitor {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector: LabelSelector;
    readonly podMetricsEndpoints?: readonly { readonly port?: string; readonly path?: string }[];
  };
}

function monitorFaults({ deployments, settings, of }: Parts): readonly string[] {
  return of<PodMonitor>('PodMonitor').flatMap(({ metadata, spec }) => [
    ...deployments
      .filter((one) => !chooses(spec.selector, labelsOf(one)))
      .map((one) => `PodMonitor ${metadata.name}: does not choose ${one.metadata?.name}`),
    ...(spec.podMetricsEndpoints ?? [])
      .filter(({ port, path }) => path !== '/metrics' || deployments.some((one) => portNamed(one, port) !== 9_464))
      .map(({ port, path }) => `PodMonitor ${metadata.name}: nothing answers ${path} on port ${port}`),
    ...when(
      /^(127\.|::1$|localhost$)/.test(settings['FLASHWIRE_METRICS_HOST'] ?? '127.0.0.1'),
      `PodMonitor ${metadata.name}: metrics are on loopback only`,
    ),
  ]);
}
