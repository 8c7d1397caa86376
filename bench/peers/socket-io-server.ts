import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';
import { socketIoEvent } from '../dialect.ts';
import { readMessages } from './standard-input.ts';

/** A process of its own: node socket-io-server.js <port> <redis url>. No pings within a run, which the readers would have to answer. */
const [, , port, redisUrl = ''] = process.argv;
const [publisher, subscriber] = [new Redis(redisUrl), new Redis(redisUrl)];
const http = createServer();
const io = new Server(http, { transports: ['websocket'], pingInterval: 600_000, serveClient: false });
io.adapter(createAdapter(publisher, subscriber));
http.listen({ port: Number(port), host: '127.0.0.1', backlog: 8_192 });
readMessages((text) => {
  io.emit(socketIoEvent, text);
});
