import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ResourceStack } from '../resources/resource-stack.ts';

/** As much of the packages, which are not Flashwire's, as deploy/tracing.mjs calls. */
const packages = {
  'exporter-trace-otlp-http': 'export class OTLPTraceExporter {}',
  resources:
    'export const defaultResource = () => ({ merge: () => ({}) }), detectResources = () => ({}), envDetector = {};',
  'sdk-trace-node': `export class BatchSpanProcessor {}
    export class NodeTracerProvider { register() {} async forceFlush() { console.log('flushed'); } }`,
};

/** Sends SIGTERM to `program` as soon as it has printed something. */
async function stopped(program: string) {
  await using stack = new ResourceStack();
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-tracing-'));
  stack.defer(() => rm(folder, { recursive: true }));
  for (const [name, source] of Object.entries(packages)) {
    const home = join(folder, 'node_modules/@opentelemetry', name);
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'package.json'), '{"type":"module","exports":"./index.js"}');
    await writeFile(join(home, 'index.js'), source);
  }
  await copyFile(new URL('../../deploy/tracing.mjs', import.meta.url), join(folder, 'tracing.mjs'));
  const child = spawn(process.execPath, ['--import', './tracing.mjs', '--eval', program], { cwd: folder });
  stack.defer(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'close');
  return { code, signal, output };
}

test('with traces a process that handles no signal yet ends at the first SIGTERM', async () => {
  expect(await stopped("console.log('started'); setInterval(() => {}, 1_000)")).toMatchObject({ signal: 'SIGTERM' });
});

test('with traces a process that drains sends what is in memory meanwhile and ends itself', async () => {
  const drains =
    "process.on('SIGTERM', () => setImmediate(() => process.exit(7))); console.log('started'); setInterval(() => {}, 1_000)";
  expect(await stopped(drains)).toEqual({ code: 7, signal: null, output: 'started\nflushed\n' });
});
