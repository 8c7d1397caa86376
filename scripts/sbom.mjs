// `npm run sbom > sbom.json`: every shipped package with its hash (CycloneDX). `npm sbom --omit dev` alone leaves out packages
// that a development package needs too (22 of 115 with npm 11.19), so npm gets a lock file without development packages.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWith, readCommandLine, root, run } from './step.mjs';

readCommandLine('usage: npm run sbom > sbom.json');
/** @param {string} name */
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'flashwire-sbom-'));
try {
  const folder = join(temporary, 'flashwire'); // npm takes the name of the product from it
  mkdirSync(folder);
  const { devDependencies: _, scripts: __, ...manifest } = read('package.json');
  const lock = read('package-lock.json');
  lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, entry]) => !entry.dev));
  delete lock.packages[''].devDependencies;
  for (const [name, content] of [
    ['package.json', manifest],
    ['package-lock.json', lock],
  ])
    writeFileSync(join(folder, name), JSON.stringify(content));
  const args = ['sbom', '--prefix', folder, '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  process.stdout.write(await run('npm', [...args, '--package-lock-only'], { hint: 'It needs npm 10 or newer.' }));
} catch (error) {
  endWith(error);
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
