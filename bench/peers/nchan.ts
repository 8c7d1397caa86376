import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { topic } from '../readers/dialect.ts';
import type { Peer, PeerStart } from './peer.ts';
import { findProgram, startService } from './program.ts';

const modulePaths = ['/usr/lib/nginx/modules/ngx_nchan_module.so', '/usr/lib64/nginx/modules/ngx_nchan_module.so'];

/** nginx with the nchan module, as the distribution has it: one worker process, one channel. */
export const nchan: Peer = {
  name: 'nchan',
  label: 'nchan (nginx, C)',
  hasLog: false,
  ways: 'both',
  missing: () =>
    findProgram('nginx') === null || !modulePaths.some(existsSync) ? 'nginx with libnginx-mod-nchan' : null,
  async start(options) {
    const port = await freePort();
    const file = join(options.folder, 'nginx.conf');
    await writeFile(file, configuration(options, port, modulePaths.find(existsSync) ?? ''));
    return startService(
      {
        name: 'nchan',
        command: findProgram('nginx') ?? 'nginx',
        args: ['-p', options.folder, '-c', file, '-e', 'stderr'],
        port,
        path: '/sub',
        dialect: 'plain',
        publish: (text) => ({ path: '/pub', body: text }),
      },
      options,
    );
  },
};

function configuration({ folder, certificate }: PeerStart, port: number, module: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const tls =
    certificate === null ? '' : `ssl_certificate ${certificate.cert};\n    ssl_certificate_key ${certificate.key};`;
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
    listen 127.0.0.1:${port} ${certificate === null ? '' : 'ssl '}backlog=8192;
    ${tls}
    location = /sub { nchan_subscriber websocket; nchan_channel_id ${topic}; nchan_subscriber_first_message newest; nchan_websocket_ping_interval 0; }
    location = /pub { nchan_publisher http; nchan_channel_id ${topic}; nchan_message_buffer_length 200; }
  }
}
`;
}
