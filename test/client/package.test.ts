import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { serveFanout } from '../fanout/fanout-server.ts';
import { facets, MemoryLog } from '../fanout/memory-log.ts';

const run = promisify(execFile);
const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

const program = (url: string) => `
import { connectFeed, type FeedState, lineOf, type PublicItem } from 'flashwire-client';

const feed = connectFeed({
  url: '${url}',
  edition: 'en',
  onItems(items: readonly PublicItem[]) {
    for (const item of items) console.log(item.status === 'usable' ? lineOf(item) : item.notice ?? '');
    feed.close();
  },
  onState: (state: FeedState) => void state.type,
});
`;

describe('the SDK as a package', () => {
  test('the packed SDK installs in an empty project, passes the type check there, and follows a feed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-sdk-'));
    try {
      const log = new MemoryLog();
      log.publish('a', facets(), 'The first line');
      await using server = await serveFanout(log);
      const { buildSdk } = await import(new URL('../../scripts/build-sdk.mjs', import.meta.url).href);
      await buildSdk(join(folder, 'sdk'));
      await run('npm', ['pack', '--pack-destination', folder], { cwd: join(folder, 'sdk') });
      const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
      const project = await mkdtemp(join(folder, 'project-'));
      await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
      await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: project });
      await writeFile(join(project, 'main.ts'), program(server.origin));
      const strict = [
        '--strict',
        '--noUncheckedIndexedAccess',
        '--types',
        '',
        '--lib',
        'ES2023,DOM',
        '--target',
        'ES2023',
      ];
      await run(process.execPath, [tsc, ...strict, '--module', 'NodeNext', 'main.ts'], { cwd: project });
      await run(
        process.execPath,
        [tsc, ...strict, '--module', 'ESNext', '--moduleResolution', 'Bundler', '--noEmit', 'main.ts'],
        {
          cwd: project,
        },
      );
      const { stdout } = await run(process.execPath, ['main.js'], { cwd: project, timeout: 60_000 });
      expect(stdout).toBe('The first line\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
