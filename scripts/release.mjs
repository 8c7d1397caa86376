import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, install } from './build.mjs';
import { endWith, readCommandLine, root, Stop, say } from './step.mjs';

const kept = 5;
const releases = join(root, 'src/ui/releases');

// Keeps the ticker of this version and its list permanently as they are now, and removes the oldest of more than five releases.
try {
  readCommandLine('usage: npm run release');
  await install();
  await build();
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const released = (await readdir(releases)).filter((file) => file.endsWith('.js'));
  for (const name of ['ticker', 'ticker-list']) {
    const file = `${name}-${version}.js`;
    if (released.includes(file)) throw new Stop(`${file} is released already; raise the version in package.json first`);
    await cp(join(root, 'dist/public', file), join(releases, file));
    const ofName = [...released, file].filter((one) => new RegExp(`^${name}-\\d`).test(one));
    const byVersion = ofName.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    for (const old of byVersion.slice(0, -kept)) await rm(join(releases, old));
  }
  say(
    `ticker and list ${version} are in src/ui/releases: add their rows to the README there, commit them, tag the commit v${version},`,
  );
  say(
    'and raise the version in package.json, package-lock.json, docker-compose.yml, deploy/kubernetes/base, deploy/helm and the FROM lines of docs',
  );
} catch (error) {
  endWith(error);
}
