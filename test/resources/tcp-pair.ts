import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Both ends of a TCP connection. The server does not read, so it hears of an ended connection only when it writes. */
export interface TcpPair extends AsyncDisposable {
  readonly served: Socket;
  readonly client: Socket;
  /** Resolves once the client has received so many bytes, with all that it has received. It reads nothing before the first call. */
  received(bytes: number): Promise<Buffer>;
}

export async function openTcpPair(): Promise<TcpPair> {
  const server = createServer({ pauseOnConnect: true, noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [[Socket], unknown];
  for (const socket of [served, client]) socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  let length = 0;
  const read = (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
  };
  return {
    served,
    client,
    received: async (wanted) => {
      if (!client.listeners('data').includes(read)) client.on('data', read);
      while (length < wanted) await once(client, 'data', { signal: AbortSignal.timeout(10_000) });
      return Buffer.concat(chunks);
    },
    [Symbol.asyncDispose]: async () => {
      served.destroy();
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The descriptor of a socket. */
export function fdOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } | null })._handle?.fd ?? -1;
}
