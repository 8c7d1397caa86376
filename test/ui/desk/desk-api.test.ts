import { expect, test } from 'vitest';
import { isOutcomeUnknown } from '../../../src/ui/desk/remote/answers.ts';
import { DeskApi } from '../../../src/ui/desk/remote/desk-api.ts';

const fields = { edition: 'en', headline: 'x', urgency: 'urgent', sections: [], regions: [], topics: [] } as const;

/** What the desk makes of this answer to a line. */
async function outcomeOf(status: number, body: string) {
  const answer = await new DeskApi(async () => new Response(body, { status })).publish(fields, false, 'k');
  if (answer.type === 'ok') return 'accepted';
  return isOutcomeUnknown(answer.problem) ? 'unknown' : `refused: ${answer.problem.title}`;
}

test('an error page of a proxy leaves the outcome of a line unknown, as no answer does', async () => {
  for (const status of [500, 502, 503, 504, 520, 200]) {
    expect(await outcomeOf(status, '<html><h1>Bad Gateway</h1></html>'), String(status)).toBe('unknown');
    expect(await outcomeOf(status, ''), String(status)).toBe('unknown');
  }
  expect(await outcomeOf(503, '{"message":"no healthy upstream"}')).toBe('unknown');
});

test('an answer of the API is what it says', async () => {
  const problem = (type: string) => JSON.stringify({ type: `/problems/${type}`, title: type });
  expect(await outcomeOf(201, '{"id":"01A","version":1,"state":"published"}')).toBe('accepted');
  expect(await outcomeOf(422, problem('invalid'))).toBe('refused: invalid');
  expect(await outcomeOf(503, problem('unavailable'))).toBe('refused: unavailable');
  expect(await outcomeOf(504, problem('outcome-unknown'))).toBe('unknown');
  expect(await outcomeOf(500, problem('internal'))).toBe('unknown');
});
