import { describe, expect, inject, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { runCommand } from '../../src/cli/cli.ts';
import { tail } from '../../src/cli/tail.ts';
import { startApi } from '../api/start-api.ts';
import { serveFanout, until } from '../resources/fanout-server.ts';
import { testKey } from '../resources/flashwire.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';

const open = () => startApi(inject('redisUrl'));

/** One call of the program, as a script sees it. */
async function flashwire(url: string, ...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(argv, {
    env: { FLASHWIRE_URL: url, FLASHWIRE_KEY: testKey },
    version: '1.2.3',
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('the command line', () => {
  test('the command line posts, corrects, hides, shows, lists and retracts items', async () => {
    await using api = await open();
    const posted = await flashwire(
      api.url,
      'post',
      'AFP: The new bridge opens',
      '--section',
      'politics',
      '--urgency',
      'flash',
    );
    expect(posted).toMatchObject({ code: 0, out: expect.stringMatching(/^\S{26} v1 published seq 1$/) });
    const [id = ''] = posted.out.split(' ');
    const corrected = await flashwire(
      api.url,
      'correct',
      id,
      'Reuters: The old bridge opens',
      '--note',
      'It is the old one.',
    );
    expect(corrected.out).toBe(`${id} v2 published seq 2`);
    const listed = await flashwire(api.url, 'list', '--json');
    expect(JSON.parse(listed.out).items[0].body).toMatchObject({
      headline: 'The old bridge opens',
      attribution: 'Reuters',
      urgency: 'flash',
      sections: ['politics'],
      correction: { kind: 'corrected', note: 'It is the old one.' },
    });
    expect((await flashwire(api.url, 'hide', id)).out).toBe(`${id} v3 published seq 3`);
    expect((await flashwire(api.url, 'release', id)).out).toBe(`${id} v4 published seq 4`);
    const refiled = await flashwire(api.url, 'correct', id, '--refile', '--link', 'https://news.example/bridge');
    expect(refiled.out).toBe(`${id} v5 published seq 5`);
    expect((await flashwire(api.url, 'retract', id, '--reason', 'wrong bridge')).out).toBe(`${id} v6 published seq 6`);
    expect((await flashwire(api.url, 'list')).out).toContain(`${id} v6 retracted`);
  });

  test('the command line takes the part before a colon as the source only if the edition knows it', async () => {
    await using api = await open();
    const bodyOf = async (...argv: readonly string[]) => {
      const { out } = await flashwire(api.url, ...argv);
      const [id = ''] = out.split(' ');
      const { items } = JSON.parse((await flashwire(api.url, 'list', '--edition', 'en', '--json')).out);
      return items.find((item: { readonly id: string }) => item.id === id).body;
    };
    const headline = 'Gaza ceasefire: what we know';
    const plainLine = await bodyOf('post', headline);
    expect([plainLine.headline, plainLine.attribution]).toEqual([headline, undefined]);
    expect(await bodyOf('post', 'afp: The bridge opens')).toMatchObject({
      headline: 'The bridge opens',
      attribution: 'AFP',
    });
    const named = await bodyOf('post', `AFP: ${headline}`, '--attribution', 'Harbour office');
    expect(named).toMatchObject({ headline: `AFP: ${headline}`, attribution: 'Harbour office' });
  });

  test('a correction keeps the source of the item, whether the edition knows it or not', async () => {
    await using api = await open();
    const posted = await flashwire(api.url, 'post', 'The bridge opens', '--attribution', 'Harbour office', '--json');
    const { id } = JSON.parse(posted.out);
    const corrected = await flashwire(
      api.url,
      'correct',
      id,
      'Harbour office: The old bridge opens',
      '--refile',
      '--json',
    );
    expect(JSON.parse(corrected.out)).toMatchObject({ version: 2, warnings: [] });
    const { items } = JSON.parse((await flashwire(api.url, 'list', '--json')).out);
    expect(items[0].body).toMatchObject({ headline: 'The old bridge opens', attribution: 'Harbour office' });
  });

  test('warnings stand on stderr, and --strict makes a refusal of them', async () => {
    await using api = await open();
    const posted = await flashwire(api.url, 'post', 'The new bridge opens tonight');
    expect(posted).toMatchObject({ code: 0, out: expect.stringMatching(/^\S{26} v1 published seq 1$/) });
    expect(posted.err).toBe('flashwire: warning: /attribution is missing, so the line names no source');
    const json = await flashwire(api.url, 'post', 'The new bridge opens tonight', '--json');
    expect(json.err).toBe('');
    expect(JSON.parse(json.out).warnings).toMatchObject([{ code: 'near-duplicate' }, { code: 'missing-source' }]);
    const strict = await flashwire(api.url, 'post', 'AFP: The new bridge opens tonight', '--strict');
    expect(strict).toMatchObject({ code: 1, out: '' });
    expect(strict.err).toMatch(
      /^flashwire: The line has warnings\..*\n {2}\/headline says nearly the same.*\n {2}without --strict/,
    );
    expect((await flashwire(api.url, 'post', 'AFP: Parliament votes on the budget', '--strict')).code).toBe(0);
  });

  test('--confirm-fuse sends one flash more', async () => {
    await using api = await open();
    const flash = (number: number, ...more: readonly string[]) =>
      flashwire(api.url, 'post', `AFP: Line ${number}`, '--urgency', 'flash', ...more);
    for (let number = 1; number <= 12; number++) expect((await flash(number)).code).toBe(0);
    const refused = await flash(13);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^flashwire: Many flashes in one minute\..*\n {2}--confirm-fuse sends it$/);
    const sent = await flash(13, '--confirm-fuse');
    expect(sent.code).toBe(0);
    const [id = ''] = sent.out.split(' ');
    expect((await flashwire(api.url, 'hide', id)).code).toBe(0);
    expect((await flashwire(api.url, 'release', id)).code).toBe(1);
    expect((await flashwire(api.url, 'release', id, '--confirm-fuse')).code).toBe(0);
  });

  test('the command line prints the fault and exits with its code', async () => {
    await using api = await open();
    const invalid = await flashwire(api.url, 'post', 'x', '--section', 'cooking');
    expect(invalid.code).toBe(1);
    expect(invalid.err).toMatch(/\/sections\/0/);
    const json = await flashwire(api.url, 'post', 'x', '--section', 'cooking', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ status: 422, errors: [{ pointer: '/sections/0' }] });
    expect((await flashwire(api.url, 'hide', 'NOSUCHITEM')).code).toBe(1);
    for (const argv of [['post'], ['post', 'x', '--sektion', 'y'], ['shout'], ['keys', 'steal']])
      expect((await flashwire(api.url, ...argv)).code, argv.join(' ')).toBe(2);
    expect((await flashwire('nowhere', 'list')).err).toBe('flashwire: --url: "nowhere" is not a URL');
    expect((await flashwire(api.url, 'post', '--help')).out).toContain('flashwire retract <id>');
  });

  test('the command line manages keys and STOP', async () => {
    await using api = await open();
    const made = await flashwire(api.url, 'keys', 'create', '--name', 'Night desk', '--edition', 'en', '--json');
    const { keyId, token } = JSON.parse(made.out);
    expect((await flashwire(api.url, 'keys')).out).toBe(`${keyId} editor   en Night desk never used`);
    expect((await flashwire(api.url, 'keys', 'list', '--key', token)).code).toBe(1);
    expect((await flashwire(api.url, 'keys', 'revoke', keyId)).out).toBe(`${keyId} is revoked`);
    expect((await flashwire(api.url, 'list', '--key', token)).code).toBe(1);
    expect((await flashwire(api.url, 'stop', '--reason', 'A hoax')).out).toMatch(/^STOPPED by Bootstrap key since /);
    expect((await flashwire(api.url, 'stop', '--off')).out).toBe('publishes and corrections go out');
  });

  test('the command line tails a feed and prints its latencies', async () => {
    const log = new MemoryLog();
    log.publish('a', facets(), 'The first line');
    await using server = await serveFanout(log);
    const lines: string[] = [];
    const said: string[] = [];
    const feed = tail({
      url: server.origin,
      args: parseArguments(['tail', '--section', 'politics', '--stats']),
      now: () => Date.UTC(2026, 0, 1) + 102,
      print: (line) => lines.push(line),
      status: (line) => said.push(line),
    });
    try {
      await until(() => lines.length === 1, 'the snapshot');
      log.publish('b', facets(), 'The second line', { urgency: 'flash', attribution: 'AFP' });
      await until(() => lines.length === 2, 'the second line');
      log.publish('c', facets(['sports']), 'Not this one');
      log.correct('a', facets(), 'The first line, put right');
      log.retract('b', 'A line was withdrawn.');
      await until(() => lines.length === 4, 'what came');
      expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
        'The first line',
        'FLASH AFP: The second line',
        'CORRECTED The first line, put right',
        'RETRACTED A line was withdrawn.',
      ]);
      expect(said).toContain('1 lines  last 100 ms  p50 100 ms  p99 100 ms  max 100 ms');
    } finally {
      feed.close();
    }
  });
});
