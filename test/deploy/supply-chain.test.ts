import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const locked = z.object({
  version: z.string(),
  resolved: z.string().optional(),
  integrity: z.string(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lockFile = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), z.unknown()) });
const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  scripts: z.record(z.string(), z.string()),
});

const { dependencies, devDependencies, scripts } = manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
const { packages } = lockFile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
const installed = Object.entries(packages).flatMap(([path, entry]) =>
  path === '' ? [] : [{ path, name: path.replace(/^.*node_modules\//, ''), ...locked.parse(entry) }],
);
const shipped = installed.filter(({ dev }) => !dev);

describe('the lock file', () => {
  test('the lock file has a SHA-512 for each package, and only packages of the registry', () => {
    for (const { path, version, resolved, integrity, link } of installed) {
      expect(integrity, path).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      expect(version, path).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/); // of a git or http source: a URL
      expect(link, path).toBeUndefined();
      if (resolved !== undefined) expect(resolved, path).toMatch(/^https:\/\/registry\.npmjs\.org\//);
    }
  });

  test('the lock file has exactly the versions of package.json', () => {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      expect(installed.find(({ path }) => path === `node_modules/${name}`)?.version, name).toBe(version);
    }
  });

  test('the lock file has a fixed number of production packages', () => {
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(12);
    expect(shipped.length).toBeLessThanOrEqual(115);
    expect(shipped.length).toBeGreaterThan(50);
  });

  test('one production package has an install script, and it is optional', () => {
    expect(shipped.filter(({ hasInstallScript }) => hasInstallScript)).toMatchObject([
      { name: 'msgpackr-extract', optional: true },
    ]);
  });
});

test('no command installs packages with their scripts', () => {
  const files = [...readdirSync('scripts').map((name) => join('scripts', name)), 'Dockerfile', '.ci/run'];
  const installing = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /npm\b.*\b(install|ci|prune)\b.*--/.test(line) && !/^\s*(\*|#|\/\/)/.test(line))
      .map((line) => ({ file, line })),
  );
  expect(new Set(installing.map(({ file }) => file))).toEqual(new Set(['scripts/build.mjs', 'Dockerfile', '.ci/run']));
  for (const { file, line } of installing) expect(line, file).toContain('--ignore-scripts');
  expect(readFileSync('.npmrc', 'utf8')).toContain('ignore-scripts=true');
  expect(Object.keys(scripts).filter((name) => /^(pre|post|prepare)/.test(name))).toEqual([]);
});

test('the image is built from exact versions and runs in production as an unprivileged user', () => {
  const docker = readFileSync('Dockerfile', 'utf8');
  const bases = [...docker.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(bases).toHaveLength(2);
  for (const image of bases) expect(image).toMatch(/^node:\d+\.\d+\.\d+-[\w-]+$/);
  const last = docker.slice(docker.lastIndexOf('FROM '));
  expect(last).toMatch(/^ENV NODE_ENV=production\b/m);
  expect(last.indexOf('\nUSER node\n')).toBeGreaterThan(last.lastIndexOf('\nCOPY'));
  expect(last).not.toMatch(/^RUN|^USER root|--chown/m); // and may write nothing of what it runs
});

test('npm run sbom lists every shipped package with its hash, and no other', () => {
  const { stdout, status, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const bom = z
    .object({
      bomFormat: z.literal('CycloneDX'),
      metadata: z.object({ component: z.object({ name: z.literal('flashwire') }) }),
      components: z.array(
        z.object({ 'bom-ref': z.string(), hashes: z.array(z.object({ alg: z.string(), content: z.string() })).min(1) }),
      ),
    })
    .parse(JSON.parse(stdout));
  const hashOf = (integrity: string) => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
  expect(new Map(bom.components.map((one) => [one['bom-ref'], one.hashes[0]?.content]))).toEqual(
    new Map(shipped.map(({ name, version, integrity }) => [`${name}@${version}`, hashOf(integrity)])),
  );
});
