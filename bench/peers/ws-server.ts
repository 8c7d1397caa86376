import { WebSocketServer } from 'ws';
import { readMessages } from './standard-input.ts';

/** A process of its own: node ws-server.js <port>. */
const server = new WebSocketServer({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 8_192 });
server.on('connection', (client) => client.on('error', () => client.terminate()));
readMessages((text) => {
  for (const client of server.clients) client.send(text);
});
