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
 * The canary of this process: a door of its own on a loopback port that only it knows, through which it posts (if it is an
 * API) and reads (if it is a fan-out). Between the two lies the way that every item goes.
 */
export async function openCanary(
  { id, logger }: Process,
  fanout: FanoutRole | null,
  desk: ApiRole | null,
): Promise<{ close(): void }> {
  const door = createServer(
    boundPipeline((request, response) => {
      if (!desk?.own.handle(request, response)) response.writeHead(404).end();
    }),
  );
  door.on('upgrade', (request, socket, head) => {
    if (fanout && socket instanceof Socket) fanout.feed.handleUpgrade(request, socket, head, 'own');
    else socket.destroy();
  });
  const port = await listen(door, 0, '127.0.0.1', false);
  door.unref();
  const watch = fanout && new CanaryWatch({ port, now: fanout.now, onProof: fanout.proven });
  const stopPosting = desk
    ? startCanaryPost({
        url: `http://127.0.0.1:${port}`,
        key: desk.own.key,
        process: id,
        onAccepted: () => desk.readiness.proven(),
        onFailed: (reason) => logger.warn({ reason }, 'canary not accepted'),
      })
    : () => undefined;
  return {
    close: () => {
      stopPosting();
      watch?.stop();
      door.close();
      door.closeAllConnections();
    },
  };
}
