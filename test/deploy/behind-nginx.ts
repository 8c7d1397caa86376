import { startNginx } from '../../bench/target/nginx.ts';
import { type FanoutServer, serveFanout } from '../resources/fanout-server.ts';

/** The two ways to a fan-out: `port` and `origin` are those of the server itself, or of the shipped nginx in front of it. */
export const ways: readonly (readonly [string, typeof serveFanout])[] = [
  ['directly', serveFanout],
  ['through the shipped nginx', serveBehindNginx],
];

export async function serveBehindNginx(...served: Parameters<typeof serveFanout>): Promise<FanoutServer> {
  const server = await serveFanout(...served);
  const { port } = server;
  const nginx = await startNginx({ 'fanout-1': port, 'fanout-2': port, api: port });
  return {
    ...server,
    port: nginx.port,
    origin: `http://127.0.0.1:${nginx.port}`,
    [Symbol.asyncDispose]: async () => {
      await nginx[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
