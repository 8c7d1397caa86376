import { WebSocketServer } from 'ws';
import { httpServer } from './http-server.ts';
import { readMessages } from './standard-input.ts';

/** A process of its own: node ws-server.js <port> [<key file> <certificate file>]. */
const [, , port, keyFile, certificateFile] = process.argv;
const http = httpServer(keyFile, certificateFile);
const server = new WebSocketServer({ server: http });
server.on('connection', (client) => client.on('error', () => client.terminate()));
http.listen({ port: Number(port), host: '127.0.0.1', backlog: 8_192 });
readMessages((text) => {
  for (const client of server.clients) client.send(text);
});
