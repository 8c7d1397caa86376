import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../target/redis.ts';
import type { Peer, PeerStart } from './peer.ts';
import { startProgram } from './program.ts';

/** The built program, also when this file is run from its source, as a test does. */
function program(name: string): string {
  const beside = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../dist/bench/peers/${name}.js`, import.meta.url));
}

function certificateFiles({ certificate }: PeerStart): readonly string[] {
  return certificate === null ? [] : [certificate.key, certificate.cert];
}

/** `for (const client of server.clients) client.send(text)`: what most people write first. */
export const naiveWs: Peer = {
  name: 'ws',
  label: 'ws, send() in a loop',
  hasLog: false,
  ways: 'both',
  missing: () => null,
  start: (options) =>
    startProgram(
      {
        name: 'ws',
        command: process.execPath,
        args: (port) => [program('ws-server'), String(port), ...certificateFiles(options)],
        path: '/',
        dialect: 'plain',
      },
      options,
    ),
};

export const socketIo: Peer = {
  name: 'socket-io',
  label: 'Socket.IO with its Redis adapter',
  hasLog: false,
  ways: 'both',
  missing: () => null,
  async start(options) {
    const redis = await startRedis(join(options.folder, 'redis'), options.env);
    try {
      const running = await startProgram(
        {
          name: 'socket-io',
          command: process.execPath,
          args: (port) => [program('socket-io-server'), String(port), redis.url, ...certificateFiles(options)],
          path: '/socket.io/?EIO=4&transport=websocket',
          dialect: 'socket-io',
        },
        options,
      );
      return {
        ...running,
        async [Symbol.asyncDispose]() {
          await running[Symbol.asyncDispose]();
          await redis.process.stop();
        },
      };
    } catch (error) {
      await redis.process.stop();
      throw error;
    }
  },
};
