import { Writable } from 'node:stream';
import express from 'express';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { answerProblems } from '../../src/api/http-problem.ts';

/** How the API answers a request that fails with this error, and what it logs. */
async function answerTo(message: string, method: 'GET' | 'POST') {
  const lines: string[] = [];
  const logger = pino(
    new Writable({
      write: (line: Buffer, _encoding, done) => {
        lines.push(line.toString());
        done();
      },
    }),
  );
  const app = express();
  app.use(() => {
    throw new Error(message);
  });
  app.use(answerProblems(logger));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method });
  const { type, detail } = (await response.json()) as { readonly type: string; readonly detail: string };
  server.close();
  return { status: response.status, type, detail, retryAfter: response.headers.get('retry-after'), lines };
}

const inScript = 'script: 872bc6701b4ac00ebb820e81652ffe2b4bc16f1b, on @user_script:1.';

/** [message, status of a write, status of a read, whether it is logged] */
const rows: readonly (readonly [string, number, number, boolean])[] = [
  ["OOM command not allowed when used memory > 'maxmemory'.", 503, 503, false],
  ['NOREPLICAS Not enough good replicas to write.', 503, 503, false],
  ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 503, 503, false],
  ['CLUSTERDOWN Hash slot not served', 503, 503, false],
  ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.', 503, 503, false],
  ['EXECABORT Transaction discarded because of previous errors.', 503, 503, false],
  ["Stream isn't writeable and enableOfflineQueue options is false", 503, 503, false],
  ['Connection is closed.', 504, 503, false],
  ['Command timed out', 504, 503, false],
  ['Command aborted due to connection close', 504, 503, false],
  ['read ECONNRESET', 504, 503, false],
  ["NOPERM this user has no permissions to run the 'evalsha' command", 503, 503, true],
  [`ERR The user executing the script can't run this command or subcommand ${inScript}`, 504, 503, true],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 500, 500, true],
  ["Cannot read properties of undefined (reading 'room')", 500, 500, true],
];

test.each(rows)('%s answers %i to a write and %i to a read', async (message, write, read, isLogged) => {
  const answers = await Promise.all([answerTo(message, 'POST'), answerTo(message, 'GET')]);
  expect(answers.map(({ status }) => status)).toEqual([write, read]);
  for (const { status, lines, retryAfter } of answers) {
    expect(retryAfter).toBe(status === 500 ? null : '2');
    expect(lines.some((line) => line.includes('"msg":"request failed"'))).toBe(isLogged);
  }
  expect(/nothing was accepted/i.test(answers[0].detail)).toBe(write === 503);
});
