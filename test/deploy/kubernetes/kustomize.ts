import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** One object of a cluster. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

const patchOperations = z.array(
  z.strictObject({ op: z.literal('replace'), path: z.string().startsWith('/'), value: z.unknown() }),
);

/** As much of kustomize as the files use. Another field is refused, because this file would not carry it out. */
const kustomization = z.strictObject({
  apiVersion: z.enum(['kustomize.config.k8s.io/v1beta1', 'kustomize.config.k8s.io/v1alpha1']),
  kind: z.enum(['Kustomization', 'Component']),
  namespace: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string() })).default([]),
  configMapGenerator: z
    .array(
      z.strictObject({
        name: z.string(),
        behavior: z.literal('merge').optional(),
        literals: z.array(z.string().regex(/^\w+=/)).default([]),
        files: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  patches: z
    .array(z.strictObject({ target: z.strictObject({ kind: z.string(), name: z.string() }), patch: z.string() }))
    .default([]),
});

/** The objects of a YAML text. Throws for a fault of the YAML, such as a key twice. */
export function readManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) throw fault;
    const manifest = document.toJS() as Manifest | null;
    return manifest ? [manifest] : [];
  });
}

/** What `kubectl kustomize <folder>` prints, but for the namespace and the hashes in the names of ConfigMaps. */
export function assemble(folder: string): readonly Manifest[] {
  const settings = kustomization.parse(parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')));
  const parts = [...settings.resources, ...settings.components].flatMap((name) => {
    const path = join(folder, name);
    return existsSync(join(path, 'kustomization.yaml')) ? assemble(path) : readManifests(readFileSync(path, 'utf8'));
  });
  const manifests = new Map(parts.map((part) => [`${part.kind} ${part.metadata.name}`, structuredClone(part)]));
  for (const { name, behavior, literals, files } of settings.configMapGenerator) {
    const before = manifests.get(`ConfigMap ${name}`);
    if ((before !== undefined) !== (behavior === 'merge'))
      throw new Error(`${folder}: ConfigMap ${name} is there, or not`);
    const data = {
      ...(before?.['data'] as object | undefined),
      ...Object.fromEntries(literals.map((text) => [text.replace(/=.*/s, ''), text.slice(text.indexOf('=') + 1)])),
      ...Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])),
    };
    manifests.set(`ConfigMap ${name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }
  for (const { target, patch } of settings.patches)
    for (const { path, value } of patchOperations.parse(parse(patch)))
      replaceAt(manifests.get(`${target.kind} ${target.name}`), path, value);
  const images = new Map(settings.images.map(({ name, newName }) => [name, newName]));
  return [...manifests.values()].map((manifest) => withImages(manifest, images) as Manifest);
}

/** Throws where nothing is to replace, as kustomize does. */
function replaceAt(from: unknown, path: string, value: unknown): void {
  const keys = path.split('/').slice(1);
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], from);
  if (typeof parent !== 'object' || parent === null || !(last in parent)) throw new Error(`nothing is at ${path}`);
  (parent as Record<string, unknown>)[last] = value;
}

function withImages(value: unknown, images: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => withImages(one, images));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (key !== 'image' || typeof one !== 'string') return [key, withImages(one, images)];
      const [name = '', tag] = one.split(':');
      return [key, `${images.get(name) ?? name}:${tag}`];
    }),
  );
}
