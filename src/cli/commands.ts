import { colonPart, parseTypedLine } from '../item/line/typed-line.ts';
import type { ApiClient, Reply } from './api-client.ts';
import type { Arguments } from './arguments.ts';
import { plain } from './terminal.ts';

/** The output of a command: text for a person, and the same as data for `--json`. */
export interface Printed {
  readonly text: string;
  readonly data: unknown;
  /** What the server warns of, each one line; `data` has it as well. */
  readonly warnings?: readonly string[];
}

type Command = (desk: ApiClient, args: Arguments) => Promise<Printed>;

const usualEdition = 'en';

export const apiCommands: Readonly<Record<string, Command>> = {
  async post(desk, args) {
    const body = newItem(args, await sourcesFor(desk, args, args.words[1], args.one('edition') ?? usualEdition));
    return accepted(await desk.call({ method: 'POST', path: '/v1/items', headers: preferences(args), body }));
  },

  async correct(desk, args) {
    const [, id = '', line] = args.words;
    const item = await desk.call({ method: 'GET', path: itemPath(id) });
    // Sends every field of the item, including fields that this version does not know: an option that is not set changes nothing.
    const { correction: _, attribution: before, ...kept } = (item['body'] ?? {}) as Reply;
    const known = await sourcesFor(desk, args, line, args.one('edition') ?? String(item['edition']));
    const { attribution = before, ...words } = {
      ...attributionOf(args),
      ...(line !== undefined && lineOf(line, args, [...known, ...(before === undefined ? [] : [String(before)])])),
    };
    const note = args.one('note');
    const kind = args.is('refile') ? 'refile' : 'corrected';
    const correction = { correction: { kind, ...(note !== undefined && { note }) } };
    const reply = await desk.call({
      method: 'PUT',
      path: itemPath(id),
      headers: { 'if-match': `"${item['version']}"`, ...preferences(args) },
      body: {
        ...kept,
        ...fieldsOf(args),
        ...words,
        ...(attribution !== undefined && attribution !== '' && { attribution }),
        ...correction,
      },
    });
    return accepted(reply);
  },

  hide: (desk, args) => act(desk, args, 'withhold'),
  release: (desk, args) => act(desk, args, 'release'),

  async retract(desk, args) {
    const [, id = ''] = args.words;
    const notice = args.one('notice');
    const body = {
      reason: args.one('reason') ?? 'retracted from the command line',
      ...(notice !== undefined && { notice }),
    };
    const reply = await desk.call({ method: 'POST', path: `${itemPath(id)}/retract`, body });
    return { text: standing(reply), data: reply };
  },

  async list(desk, args) {
    const query = new URLSearchParams({
      edition: args.one('edition') ?? usualEdition,
      limit: args.one('limit') ?? '20',
    });
    const state = args.one('state');
    if (state !== undefined) query.set('state', state);
    const reply = await desk.call({ method: 'GET', path: `/v1/items?${query}` });
    const items = reply['items'] as readonly Reply[];
    return { text: items.map(itemLine).join('\n'), data: reply };
  },

  async keys(desk, args) {
    const [, verb = 'list', id = ''] = args.words;
    if (verb === 'create') {
      const editions = args.all('edition');
      const expires = args.one('expires');
      const body = {
        name: args.one('name') ?? '',
        role: args.one('role') ?? 'editor',
        ...(editions.length > 0 && { editions }),
        ...(expires !== undefined && { expiresAt: expires }),
      };
      const reply = await desk.call({ method: 'POST', path: '/v1/keys', body });
      return { text: plain`${reply['token']}`, data: reply };
    }
    if (verb === 'revoke') {
      await desk.call({ method: 'DELETE', path: `/v1/keys/${encodeURIComponent(id)}` });
      return { text: plain`${id} is revoked`, data: { keyId: id, revoked: true } };
    }
    const reply = await desk.call({ method: 'GET', path: '/v1/keys' });
    return { text: (reply['keys'] as readonly Reply[]).map(keyLine).join('\n'), data: reply };
  },

  async stop(desk, args) {
    const reason = args.one('reason');
    const body = { stopped: !args.is('off'), ...(reason !== undefined && { reason }) };
    const reply = await desk.call({ method: 'PUT', path: '/v1/stop', body });
    const text =
      reply['stopped'] === true
        ? plain`STOPPED by ${reply['by']} since ${reply['at']}: publishes and corrections are held, hide and retract still work`
        : 'publishes and corrections go out';
    return { text, data: reply };
  },
};

async function act(desk: ApiClient, args: Arguments, action: 'withhold' | 'release'): Promise<Printed> {
  const [, id = ''] = args.words;
  const path = `${itemPath(id)}/${action}`;
  return accepted(await desk.call({ method: 'POST', path, headers: preferences(args), body: {} }));
}

/** What the flags ask of the API (RFC 7240). */
function preferences(args: Arguments): { readonly prefer: string } {
  const flags = [
    ...(args.is('strict') ? ['handling=strict'] : []),
    ...(args.is('confirm-fuse') ? ['confirm=flash-fuse'] : []),
  ];
  return { prefer: ['wait=5', ...flags].join(', ') };
}

function accepted(reply: Reply): Printed {
  const warnings = (reply['warnings'] ?? []) as readonly { readonly pointer: string; readonly detail: string }[];
  return {
    text: standing(reply),
    data: reply,
    warnings: warnings.map(({ pointer, detail }) => plain`${pointer} ${detail}`),
  };
}

/** The names that a colon introduces in this edition; asked for only if the line has such a colon. */
async function sourcesFor(
  desk: ApiClient,
  args: Arguments,
  line: string | undefined,
  edition: string,
): Promise<readonly string[]> {
  if (args.one('attribution') !== undefined || line === undefined || !colonPart(line)) return [];
  const reply = await desk.call({ method: 'GET', path: `/v1/sources?${new URLSearchParams({ edition })}` });
  return ((reply['sources'] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
}

function newItem(args: Arguments, sources: readonly string[]): object {
  const hold = args.one('hold');
  const at = args.one('at');
  const [, line = ''] = args.words;
  const { attribution, ...words } = { ...attributionOf(args), ...lineOf(line, args, sources) };
  return {
    edition: args.one('edition') ?? usualEdition,
    ...words,
    ...(attribution !== undefined && attribution !== '' && { attribution }),
    ...fieldsOf(args),
    ...(hold !== undefined && { holdSeconds: Number(hold) }),
    ...(at !== undefined && { publishAt: at }),
    ...(args.is('draft') && { state: 'draft' }),
  };
}

interface Words {
  readonly headline?: string;
  /** Empty: none. */
  readonly attribution?: string;
}

/** Splits "AFP: headline" as the desk does, unless --attribution is set. */
function lineOf(line: string, args: Arguments, sources: readonly string[]): Words {
  const isSplit = args.one('attribution') === undefined;
  return parseTypedLine(line, isSplit ? sources.map((name) => ({ name })) : []);
}

function attributionOf(args: Arguments): Words {
  const attribution = args.one('attribution');
  return attribution === undefined ? {} : { attribution };
}

function fieldsOf(args: Arguments): object {
  const lists = { sections: args.all('section'), regions: args.all('region'), topics: args.all('topic') };
  const urgency = args.one('urgency');
  const url = args.one('link');
  const expiresAt = args.one('expires');
  return {
    ...Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
    ...(urgency !== undefined && { urgency }),
    ...(url !== undefined && { url }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

function standing({ id, version, state, seq }: Reply): string {
  return plain`${id} v${version} ${state}${seq === undefined ? '' : ` seq ${seq}`}`;
}

function itemLine(item: Reply): string {
  const { headline = '', attribution } = (item['body'] ?? {}) as {
    readonly headline?: string;
    readonly attribution?: string;
  };
  return plain`${item['id']} v${item['version']} ${String(item['state']).padEnd(9)} ${attribution ? `${attribution}: ` : ''}${headline}`;
}

function keyLine(key: Reply): string {
  const editions = (key['editions'] as readonly string[] | undefined)?.join(',') ?? 'all editions';
  const end = key['revokedAt'] ? ` revoked ${key['revokedAt']}` : key['expiresAt'] ? ` until ${key['expiresAt']}` : '';
  const used = key['lastUsedAt'];
  const use = used === undefined ? ' use unknown' : used === null ? ' never used' : ` used ${used}`;
  return plain`${key['keyId']} ${String(key['role']).padEnd(8)} ${editions} ${key['name']}${use}${end}`;
}

function itemPath(id: string): string {
  return `/v1/items/${encodeURIComponent(id)}`;
}
