import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startNginx } from '../../bench/target/nginx.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

const workers = 4;
const readers = 400;

/** Open files of each worker process, fewest first. nginx has two processes for its cache, which hold no connections. */
async function filesOfWorkers(pid: number): Promise<readonly number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  const files = await Promise.all(children.map(async (child) => (await readdir(`/proc/${child}/fd`)).length));
  return files.sort((a, b) => a - b).slice(-workers);
}

test('no worker of nginx takes most of the readers, so none is full while others have room', async () => {
  await using stack = new ResourceStack();
  const nginx = stack.use(await startNginx({ 'fanout-1': 1, 'fanout-2': 1, api: 1 }, '', workers));
  const before = await filesOfWorkers(nginx.pid);
  for (let n = 0; n < readers; n++) {
    const socket = connect(nginx.port, '127.0.0.1');
    stack.defer(async () => void socket.destroy());
    socket.write('GET /healthz HTTP/1.1\r\nHost: news.example\r\n\r\n');
    await once(socket, 'data');
  }
  const after = await filesOfWorkers(nginx.pid);
  expect((after.at(-1) ?? 0) - (before.at(-1) ?? 0)).toBeLessThan(readers / 2);
});
