import { createServer } from 'node:http';
import { Socket } from 'node:net';
import { startCanaryPost } from '../../api/canary-post.ts';
import { CanaryWatch } from '../../fanout/delivery/canary-watch.ts';
import { listen } from '../../ops/http-server.ts';
import { boundPipeline } from '../../ops/pipeline.ts';
import type { ApiRole } from './api.ts';
import type { FanoutRole } from './fanout.ts';
import type { Process } from './process.ts';

/**
 * The canary of this process: a private listener on a loopback port. An api posts through it, a fan-out reads through it, and
 * the canary takes the path of every item between the two.
 */
export async function openCanary(
  { id, logger }: Process,
  fanout: FanoutRole | null,
  api: ApiRole | null,
): Promise<{ close(): void }> {
  const server = createServer(
    boundPipeline((request, response) => {
      if (!api?.own.handle(request, response)) response.writeHead(404).end();
    }),
  );
  server.on('upgrade', (request, socket, head) => {
    if (fanout && socket instanceof Socket) fanout.feed.handleUpgrade(request, socket, head, 'own');
    else socket.destroy();
  });
  const port = await listen(server, 0, '127.0.0.1', false);
  server.unref();
  const watch = fanout && new CanaryWatch({ port, now: fanout.now, onProof: fanout.proven });
  const stopPosting = api
    ? startCanaryPost({
        url: `http://127.0.0.1:${port}`,
        key: api.own.key,
        process: id,
        onAccepted: () => api.readiness.proven(),
        onFailed: (reason) => logger.warn({ reason }, 'canary not accepted'),
      })
    : () => undefined;
  return {
    close: () => {
      stopPosting();
      watch?.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}
