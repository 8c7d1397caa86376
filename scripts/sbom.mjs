// `npm run sbom > sbom.json`: what is shipped, package by package with its hash (CycloneDX).
// `npm sbom --omit dev` alone leaves out what a development package needs too (22 of 115 packages with npm 11.19), so it is
// asked about a lock file in which there is nothing else.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWith, readCommandLine, root, run } from './step.mjs';

readCommandLine('usage: npm run sbom > sbom.json');
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'flashwire-sbom-'));
try {
  const folder = join(temporary, 'flashwire'); // npm names the product after it
  mkdirSync(folder);
  const { devDependencies: _, scripts: __, ...manifest } = read('package.json');
  const lock = read('package-lock.json');
  lock.packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => !dev));
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
