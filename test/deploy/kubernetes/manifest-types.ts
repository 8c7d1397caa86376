import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Manifest } from './kustomize.ts';

/** Where the types of the objects are. `kubernetes-types` lets leave out what an object always has, so that is asked for too. */
const typeOf: Readonly<Record<string, readonly [module: string, name: string, required: string]>> = {
  'v1 Namespace': ['kubernetes-types/core/v1', 'Namespace', 'metadata'],
  'v1 ConfigMap': ['kubernetes-types/core/v1', 'ConfigMap', 'metadata'],
  'v1 Service': ['kubernetes-types/core/v1', 'Service', 'metadata spec'],
  'apps/v1 Deployment': ['kubernetes-types/apps/v1', 'Deployment', 'metadata spec'],
  'policy/v1 PodDisruptionBudget': ['kubernetes-types/policy/v1', 'PodDisruptionBudget', 'metadata spec'],
  'autoscaling/v2 HorizontalPodAutoscaler': [
    'kubernetes-types/autoscaling/v2',
    'HorizontalPodAutoscaler',
    'metadata spec',
  ],
  'networking.k8s.io/v1 NetworkPolicy': ['kubernetes-types/networking/v1', 'NetworkPolicy', 'metadata spec'],
  'networking.k8s.io/v1 Ingress': ['kubernetes-types/networking/v1', 'Ingress', 'metadata spec'],
  'gateway.networking.k8s.io/v1 HTTPRoute': [
    '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRoute',
    'IHTTPRoute',
    'metadata spec',
  ],
  'monitoring.coreos.com/v1 PodMonitor': [
    '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor',
    'IPodMonitor',
    'metadata spec',
  ],
};

/**
 * What the compiler says against each list of manifests: unknown fields, wrong types, missing fields. One run of tsc for all lists,
 * because starting it is what costs.
 */
export function typeFaults(lists: readonly (readonly Manifest[])[]): readonly (readonly string[])[] {
  const faults = lists.map((): string[] => []);
  const lines: string[] = ['type With<T, K extends keyof T> = T & { readonly [P in K]-?: NonNullable<T[P]> };'];
  const owner: number[] = [];
  for (const [at, manifests] of lists.entries())
    for (const manifest of manifests) {
      const [module, name, required = ''] = typeOf[`${manifest.apiVersion} ${manifest.kind}`] ?? [];
      if (module === undefined) {
        faults[at]?.push(`${manifest.apiVersion} ${manifest.kind}: no such object is known`);
        continue;
      }
      const keys = required
        .split(' ')
        .map((key) => JSON.stringify(key))
        .join(' | ');
      owner[lines.length + 1] = at;
      lines.push(`({ o: ${JSON.stringify(manifest)} }) satisfies { o: With<import('${module}').${name}, ${keys}> };`);
    }
  for (const [line, message] of compile(lines.join('\n'))) faults[owner[line] ?? 0]?.push(message);
  return faults;
}

function compile(text: string): readonly (readonly [line: number, message: string])[] {
  const folder = mkdtempSync(join(tmpdir(), 'flashwire-manifests-'));
  try {
    writeFileSync(join(folder, 'manifests.ts'), `${text}\nexport {};\n`);
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: resolve('tsconfig.base.json'),
        compilerOptions: {
          noEmit: true,
          types: [],
          moduleResolution: 'Bundler',
          module: 'ESNext',
          exactOptionalPropertyTypes: false,
          paths: { '*': [resolve('node_modules/*')] },
        },
        files: ['manifests.ts'],
      }),
    );
    const { stdout } = spawnSync(
      process.execPath,
      ['node_modules/typescript/bin/tsc', '-p', folder, '--pretty', 'false'],
      {
        encoding: 'utf8',
      },
    );
    const faults: (readonly [number, string])[] = [];
    for (const line of stdout.split('\n')) {
      const [, at, message = ''] = /manifests\.ts\((\d+),\d+\): error \w+: (.*)$/.exec(line) ?? [];
      const last = faults.at(-1);
      if (at !== undefined) faults.push([Number(at), message]);
      // The reasons of a fault follow it, indented.
      else if (line.startsWith('  ') && last) faults[faults.length - 1] = [last[0], `${last[1]}\n${line}`];
      else if (line.startsWith('error')) throw new Error(line);
    }
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
