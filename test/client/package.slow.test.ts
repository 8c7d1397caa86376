import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { serveFanout } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

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

/** The ticker in JSX, with typed attributes, children and events; two mistakes that the types find. */
const component = (library: string) => `
import type {} from 'flashwire-client/${library}';

const ticker = (
  <breaking-ticker
    edition="en"
    theme="dark"
    limit={5}
    open
    {...{ 'onflashwire:new': (event: GlobalEvent<'flashwire:new'>) => console.log(event.detail.item.id) }}
  >
    <a href="/live/en">Live</a>
  </breaking-ticker>
);
// @ts-expect-error there is no such theme
const odd = <breaking-ticker theme="pink" />;
// @ts-expect-error there is no such attribute
const mistyped = <breaking-ticker editon="en" />;

type GlobalEvent<Name extends keyof DocumentEventMap> = DocumentEventMap[Name];
document.addEventListener('flashwire:state', (event) => console.log(event.detail.type));
document.querySelector('breaking-ticker')?.addEventListener('flashwire:click', (event) => {
  console.log(event.detail.url, event.detail.item?.id);
  event.preventDefault();
});
`;

/** The part of React's types that JSX needs: the package is tried with the real ones by hand. */
const reactTypes = `
  export interface HTMLAttributes<T> { children?: unknown; className?: string; lang?: string; onClick?: (event: { currentTarget: T }) => void }
  export interface RefAttributes<T> { ref?: (instance: T | null) => void; key?: string }
  export type DetailedHTMLProps<E extends HTMLAttributes<T>, T> = RefAttributes<T> & E;
  export namespace JSX {
    type Element = object;
    interface ElementChildrenAttribute { children: object }
    interface IntrinsicElements { a: HTMLAttributes<HTMLAnchorElement> & { href?: string } }
  }
`;

/** The same in a template of Vue: its compiler checks attributes and listeners against `$props`. */
const template = `
import 'flashwire-client/vue';
import type { GlobalComponents } from 'vue';

type Props = Partial<InstanceType<GlobalComponents['breaking-ticker']>['$props']>;
const ticker: Props = {
  edition: 'en',
  theme: 'dark',
  open: '',
  class: 'a',
  key: 'b',
  'onFlashwire:new': (event) => console.log(event.detail.item.id),
};
// @ts-expect-error there is no such theme
const odd: Props = { theme: 'pink' };
// @ts-expect-error there is no such attribute
const mistyped: Props = { editon: 'en' };
`;

/** The part of Vue's types that the tag needs: the package is tried with the real ones by hand. */
const vueStub = `
  export interface ReservedProps { key?: PropertyKey; ref?: unknown }
  export interface HTMLAttributes { class?: unknown; lang?: string; onClick?: (payload: PointerEvent) => void }
  export interface GlobalComponents { RouterLink: unknown }
`;

/** Packages of libraries with nothing but these types. */
async function addStubs(modules: string, stubs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, types] of Object.entries(stubs)) {
    await mkdir(join(modules, name));
    await writeFile(
      join(modules, name, 'package.json'),
      JSON.stringify({ name, version: '1.0.0', types: './index.d.ts' }),
    );
    await writeFile(join(modules, name, 'index.d.ts'), types);
  }
  await writeFile(join(modules, 'react/jsx-runtime.d.ts'), "export { JSX } from './index';");
}

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

  test('the package has the ticker, with its types for React, Preact and Vue', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flashwire-types-'));
    try {
      const { buildSdk } = await import(new URL('../../scripts/build-sdk.mjs', import.meta.url).href);
      const modules = join(folder, 'node_modules');
      await buildSdk(join(modules, 'flashwire-client'));
      await cp(fileURLToPath(new URL('../../node_modules/preact', import.meta.url)), join(modules, 'preact'), {
        recursive: true,
      });
      await addStubs(modules, { react: reactTypes, vue: vueStub });
      for (const library of ['react', 'preact', 'vue']) {
        const isVue = library === 'vue';
        const file = join(folder, `${library}.${isVue ? 'ts' : 'tsx'}`);
        await writeFile(file, isVue ? template : component(library));
        const flags = ['--strict', '--noEmit', '--types', '', '--jsx', 'react-jsx', '--jsxImportSource', library];
        const options = [
          '--lib',
          'ES2023,DOM',
          '--target',
          'ES2023',
          '--module',
          'ESNext',
          '--moduleResolution',
          'Bundler',
        ];
        const { stdout } = await run(process.execPath, [tsc, ...flags, ...options, file], { cwd: folder }).catch(
          (error) => error,
        );
        expect(stdout, library).toBe('');
      }
      const script = await readFile(join(modules, 'flashwire-client/ticker.js'), 'utf8');
      expect(script).toContain('breaking-ticker');
      await writeFile(join(folder, 'server.mjs'), "import 'flashwire-client/ticker'; import 'flashwire-client/react';");
      await run(process.execPath, ['server.mjs'], { cwd: folder });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
