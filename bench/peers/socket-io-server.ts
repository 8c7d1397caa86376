import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { topic } from '../readers/dialect.ts';
import { httpServer } from './http-server.ts';
import { readMessages } from './standard-input.ts';

/** A process of its own: node socket-io-server.js <port> <redis url> [<key file> <certificate file>]. Pings and all else as shipped, but for the long poll. */
const [, , port, redisUrl = '', keyFile, certificateFile] = process.argv;
const [publisher, subscriber] = [new Redis(redisUrl), new Redis(redisUrl)];
const http = httpServer(keyFile, certificateFile);
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.adapter(createAdapter(publisher, subscriber));
http.listen({ port: Number(port), host: '127.0.0.1', backlog: 8_192 });
readMessages((text) => {
  // An object, as anybody would send it: as text it would be escaped, and longer.
  io.emit(topic, JSON.parse(text));
});
