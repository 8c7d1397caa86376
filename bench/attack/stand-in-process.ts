import { createServer } from 'node:http';

/** `node stand-in-process.js <port>`: answers everything at once, with as many bytes as the request names. */
const most = Buffer.alloc(1_000_000, 'x');

const server = createServer((request, response) => {
  const isStream = request.url?.startsWith('/v1/feed.sse') === true;
  const bytes = Math.min(most.length, Number(request.headers['x-answer-bytes'] ?? 0));
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': isStream ? most.length : bytes });
  if (isStream) response.write(most.subarray(0, bytes));
  else response.end(most.subarray(0, bytes));
});
server.on('upgrade', (request, socket) => {
  socket.on('error', () => socket.destroy());
  const bytes = Math.min(most.length, Number(request.headers['x-answer-bytes'] ?? 0));
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  socket.write(most.subarray(0, bytes));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
// Ends with the bench, which holds its standard input.
process.stdin.on('close', () => process.exit(0)).resume();
