import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { request as requestSecure, Agent as SecureAgent } from 'node:https';
import { BenchError } from '../process/bench-error.ts';
import type { Certificate } from '../target/certificate.ts';

/** A message as a system takes it over HTTP. */
export interface PublishRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Posts messages over one connection: on several, they overtake each other. */
export class Publisher implements Disposable {
  readonly #name: string;
  readonly #origin: string;
  readonly #agent: Agent;
  readonly #request: typeof request;

  /** `certificate`: its own authority; null where `origin` is http. */
  constructor(name: string, origin: string, certificate: Certificate | null) {
    this.#name = name;
    this.#origin = origin;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      certificate === null ? new Agent(options) : new SecureAgent({ ...options, ca: readFileSync(certificate.cert) });
    this.#request = certificate === null ? request : requestSecure;
  }

  /** Rejects when the message was not taken. */
  post({ path, headers = {}, body }: PublishRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const url = new URL(path, this.#origin);
      const sent = this.#request(url, { agent: this.#agent, method: 'POST', headers }, (response) => {
        let answer = '';
        response.on('data', (bytes: Buffer) => {
          answer += bytes.toString();
        });
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode = 0 } = response;
          // Centrifugo says 200 to what it refuses.
          if (statusCode < 300 && !answer.startsWith('{"error"')) resolve();
          else reject(new BenchError(`${this.#name} answered ${statusCode} to a message: ${answer.slice(0, 200)}`));
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
