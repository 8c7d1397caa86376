import { request } from 'node:http';
import { testKey } from '../../resources/flashwire.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: { readonly type?: string; readonly errors?: readonly { readonly pointer: string }[] };
  readonly bytes: number;
  readonly tookMs: number;
}

/** Sends exactly these bytes with exactly these headers to an API. */
export function post(
  url: string,
  body: Buffer | string,
  headers: Record<string, string> = {},
  path = '/v1/items',
): Promise<Answer> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const asking = request(
      `${url}${path}`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json', ...headers },
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: answer.statusCode ?? 0,
            type: String(answer.headers['content-type']),
            body: JSON.parse(text),
            bytes: text.length,
            tookMs: performance.now() - startedAt,
          });
          asking.destroy();
        });
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

export const line = '"edition":"en","headline":"The new bridge opens tonight"';
export const within = (rest: string) => `{${line},${rest}}`;
export const keys = (count: number) => Array.from({ length: count }, (_, at) => `"${at.toString(36)}":1`).join(',');
/** As deep as fits into 32 kB. 50,000 levels do not fit into a body. */
export const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
