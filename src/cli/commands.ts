import type { ApiClient, Reply } from './api-client.ts';
import type { Arguments } from './arguments.ts';
import { plain } from './terminal.ts';

/** What a command prints: words for a person, and the same as data for `--json`. */
export interface Printed {
  readonly text: string;
  readonly data: unknown;
}

type Command = (desk: ApiClient, given: Arguments) => Promise<Printed>;

const usualEdition = 'en';

export const apiCommands: Readonly<Record<string, Command>> = {
  async post(desk, given) {
    const reply = await desk.call({ method: 'POST', path: '/v1/items', body: newItem(given) });
    return { text: standing(reply), data: reply };
  },

  async correct(desk, given) {
    const [, id = '', line] = given.words;
    const item = await desk.call({ method: 'GET', path: itemPath(id) });
    // All that the item has, whatever this program knows of it: what is not given is kept.
    const { correction: _, attribution: before, ...kept } = (item['body'] ?? {}) as Reply;
    const { attribution = before, ...words } = {
      ...attributionOf(given),
      ...(line !== undefined && lineOf(line, given)),
    };
    const note = given.one('note');
    const kind = given.is('refile') ? 'refile' : 'corrected';
    const correction = { correction: { kind, ...(note !== undefined && { note }) } };
    const reply = await desk.call({
      method: 'PUT',
      path: itemPath(id),
      headers: { 'if-match': `"${item['version']}"` },
      body: {
        ...kept,
        ...fieldsOf(given),
        ...words,
        ...(attribution !== undefined && attribution !== '' && { attribution }),
        ...correction,
      },
    });
    return { text: standing(reply), data: reply };
  },

  hide: (desk, given) => act(desk, given, 'withhold'),
  release: (desk, given) => act(desk, given, 'release'),

  async retract(desk, given) {
    const [, id = ''] = given.words;
    const notice = given.one('notice');
    const body = {
      reason: given.one('reason') ?? 'retracted from the command line',
      ...(notice !== undefined && { notice }),
    };
    const reply = await desk.call({ method: 'POST', path: `${itemPath(id)}/retract`, body });
    return { text: standing(reply), data: reply };
  },

  async list(desk, given) {
    const query = new URLSearchParams({
      edition: given.one('edition') ?? usualEdition,
      limit: given.one('limit') ?? '20',
    });
    const state = given.one('state');
    if (state !== undefined) query.set('state', state);
    const reply = await desk.call({ method: 'GET', path: `/v1/items?${query}` });
    const items = reply['items'] as readonly Reply[];
    return { text: items.map(itemLine).join('\n'), data: reply };
  },

  async keys(desk, given) {
    const [, verb = 'list', id = ''] = given.words;
    if (verb === 'create') {
      const editions = given.all('edition');
      const expires = given.one('expires');
      const body = {
        name: given.one('name') ?? '',
        role: given.one('role') ?? 'editor',
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

  async stop(desk, given) {
    const reason = given.one('reason');
    const body = { stopped: !given.is('off'), ...(reason !== undefined && { reason }) };
    const reply = await desk.call({ method: 'PUT', path: '/v1/stop', body });
    const text =
      reply['stopped'] === true
        ? plain`STOPPED by ${reply['by']} since ${reply['at']}: publishes and corrections are held; hide and retract go on`
        : 'publishes and corrections go out';
    return { text, data: reply };
  },
};

async function act(desk: ApiClient, given: Arguments, action: 'withhold' | 'release'): Promise<Printed> {
  const [, id = ''] = given.words;
  const reply = await desk.call({ method: 'POST', path: `${itemPath(id)}/${action}`, body: {} });
  return { text: standing(reply), data: reply };
}

function newItem(given: Arguments): object {
  const hold = given.one('hold');
  const at = given.one('at');
  const [, line = ''] = given.words;
  const { attribution, ...words } = { ...attributionOf(given), ...lineOf(line, given) };
  return {
    edition: given.one('edition') ?? usualEdition,
    ...words,
    ...(attribution !== undefined && attribution !== '' && { attribution }),
    ...fieldsOf(given),
    ...(hold !== undefined && { holdSeconds: Number(hold) }),
    ...(at !== undefined && { publishAt: at }),
    ...(given.is('draft') && { state: 'draft' }),
  };
}

interface Words {
  readonly headline?: string;
  /** Empty: none. */
  readonly attribution?: string;
}

/** "AFP: headline" is split as on the desk, unless the agency is given by itself. */
function lineOf(word: string, given: Arguments): Words {
  const line = word.trim();
  if (given.one('attribution') !== undefined) return { headline: line };
  const [, agency, headline] = /^([^:]{1,80}): +(.+)$/s.exec(line) ?? [];
  return agency && headline ? { attribution: agency, headline } : { headline: line };
}

function attributionOf(given: Arguments): Words {
  const attribution = given.one('attribution');
  return attribution === undefined ? {} : { attribution };
}

function fieldsOf(given: Arguments): object {
  const lists = { sections: given.all('section'), regions: given.all('region'), topics: given.all('topic') };
  const urgency = given.one('urgency');
  const url = given.one('link');
  const expiresAt = given.one('expires');
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
  const use = used === undefined ? ' use not known' : used === null ? ' never used' : ` used ${used}`;
  return plain`${key['keyId']} ${String(key['role']).padEnd(8)} ${editions} ${key['name']}${use}${end}`;
}

function itemPath(id: string): string {
  return `/v1/items/${encodeURIComponent(id)}`;
}
