import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, install } from './build.mjs';
import { endWith, readCommandLine, root, Stop, say } from './step.mjs';

const kept = 5;
const releases = join(root, 'src/ui/releases');

// Keeps the ticker of this version permanently as it is now, and removes the oldest of more than five releases.
try {
  readCommandLine('usage: npm run release');
  await install();
  await build();
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const name = `ticker-${version}.js`;
  const released = (await readdir(releases)).filter((file) => file.endsWith('.js'));
  if (released.includes(name)) throw new Stop(`${name} is released already; raise the version in package.json first`);
  await cp(join(root, 'dist/public', name), join(releases, name));
  const byVersion = [...released, name].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const old of byVersion.slice(0, -kept)) await rm(join(releases, old));
  say(`${name} is in src/ui/releases: add its row to the README there, commit it, tag the commit v${version},`);
  say('and raise the version in package.json, package-lock.json and docker-compose.yml');
} catch (error) {
  endWith(error);
}
