import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, install } from './build.mjs';
import { endWith, readCommandLine, root, Stop, say } from './step.mjs';

const kept = 5;
const releases = join(root, 'src/ui/releases');

/** Keeps the ticker of this version for ever as it is now, and lets the oldest of more than five releases go. */
try {
  readCommandLine('usage: npm run release');
  await install();
  await build();
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const name = `ticker-${version}.js`;
  const made = (await readdir(releases)).filter((file) => file.endsWith('.js'));
  if (made.includes(name)) throw new Stop(`${name} has been released; raise the version in package.json first`);
  await cp(join(root, 'dist/public', name), join(releases, name));
  const byVersion = [...made, name].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  for (const old of byVersion.slice(0, -kept)) await rm(join(releases, old));
  say(`${name} is in src/ui/releases; commit it, and tag the commit v${version}`);
} catch (error) {
  endWith(error);
}
