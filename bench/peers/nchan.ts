import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { BenchError } from '../process/bench-error.ts';
import { Child, isListening } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { targetAt } from '../readers/reader-target.ts';
import { payload } from './payload.ts';
import type { Peer } from './peer.ts';
import { findProgram } from './program.ts';

const modulePaths = ['/usr/lib/nginx/modules/ngx_nchan_module.so', '/usr/lib64/nginx/modules/ngx_nchan_module.so'];

/** nginx with the nchan module, as the distribution has it: one worker process, one channel. */
export const nchan: Peer = {
  name: 'nchan',
  label: 'nchan (nginx, C)',
  hasLog: false,
  missing: () =>
    findProgram('nginx') === null || !modulePaths.some(existsSync) ? 'nginx with libnginx-mod-nchan' : null,
  async start({ env, folder }) {
    const port = await freePort();
    const file = join(folder, 'nginx.conf');
    await writeFile(file, configuration(folder, port, modulePaths.find(existsSync) ?? ''));
    const child = new Child('nchan', findProgram('nginx') ?? 'nginx', ['-p', folder, '-c', file, '-e', 'stderr'], {
      cwd: folder,
      env,
    });
    // One connection: on several, messages overtake each other.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const stop = async () => {
      agent.destroy();
      await child.stop();
    };
    try {
      await child.ready(() => isListening(port));
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      target: targetAt(`http://127.0.0.1:${port}`, '/sub', 'plain'),
      pid: child.pid,
      publish: async (index, dueAt) => {
        const { id, text } = payload(index, dueAt);
        await post(agent, port, text);
        return id;
      },
      [Symbol.asyncDispose]: stop,
    };
  },
};

/** Rejects when the message was not taken. */
function post(agent: Agent, port: number, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, host: '127.0.0.1', path: '/pub', method: 'POST' }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode < 300) response.once('end', resolve);
      else reject(new BenchError(`nchan answered ${statusCode} to a message`));
    });
    sent.once('error', reject);
    sent.end(text);
  });
}

function configuration(folder: string, port: number, module: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
load_module ${module};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
user root;
events { worker_connections 19000; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  nchan_shared_memory_size 128M;
  server {
    listen 127.0.0.1:${port} backlog=8192;
    location = /sub { nchan_subscriber websocket; nchan_channel_id flash; nchan_subscriber_first_message newest; nchan_websocket_ping_interval 0; }
    location = /pub { nchan_publisher http; nchan_channel_id flash; nchan_message_buffer_length 200; }
  }
}
`;
}
