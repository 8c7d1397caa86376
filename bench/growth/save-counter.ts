import { connect, type Socket } from 'node:net';

const save = /^\+[\d.]+ .*?"(?:hset|expire)" "[^"]*:delivery:/i;

/** Counts the commands that write delivery reports, on MONITOR. ioredis' own monitor breaks where two lines come in one packet. */
export class SaveCounter {
  readonly #socket: Socket;
  #rest = '';
  #count = 0;

  constructor(redisUrl: string) {
    const { hostname, port } = new URL(redisUrl);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setEncoding('latin1').on('data', (text) => this.#read(String(text)));
    this.#socket.on('error', () => undefined);
    this.#socket.write('MONITOR\r\n');
  }

  end(): number {
    this.#socket.destroy();
    return this.#count;
  }

  #read(text: string): void {
    const lines = `${this.#rest}${text}`.split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (save.test(line.slice(0, 300))) this.#count++;
  }
}
