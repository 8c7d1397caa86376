// `node scripts/redis-users.mjs [--out secrets] [--host redis:6379] [--database 0] [--prefix fw] [--config flashwire.config.json]`
// creates a Redis user with a new password for each role, and an admin key for the desk. Existing secrets stay as they are: run it
// again after a new edition or an update with other rules. Redis then has to load the file (ACL LOAD as admin, or a restart).
// --host may also be an address as in REDIS_URL, without a login: rediss://.., redis-sentinel://.., redis-cluster://..
// The names of users of a database other than 0 have its number (fanout-1), so that one file can hold the users of two sites.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCommandLine, refuse, root } from './step.mjs';

const usage =
  'usage: node scripts/redis-users.mjs [--out secrets] [--host redis:6379] [--database 0] [--prefix fw] [--config flashwire.config.json]\n' +
  '--host may be an address: rediss://host:6379, redis-sentinel://host:26379,host:26379#name, redis-cluster://host:6379,host:6379';
const { values } = readCommandLine(usage, {
  options: {
    out: { type: 'string', default: join(root, 'secrets') },
    host: { type: 'string', default: 'redis:6379' },
    prefix: { type: 'string', default: 'fw' },
    database: { type: 'string' },
    config: { type: 'string', default: join(root, 'flashwire.config.json') },
  },
});
const { out, prefix } = values;
const { scheme, kind, places, databaseOfHost, name } = addressOf(values.host);
const database = Number(values.database ?? databaseOfHost);
if (!Number.isInteger(database) || database < 0)
  refuse(`--database: ${JSON.stringify(values.database ?? databaseOfHost)} is not a whole number of at least 0`);
if (kind === 'cluster' && database > 0) refuse('--database: a cluster has database 0 only');
const site = JSON.parse(readFileSync(resolve(values.config), 'utf8'));
/** @type {readonly { readonly id: string }[]} */
const siteEditions = site.editions;
const editions = [...siteEditions.map(({ id }) => id), '_canary'];

// Only the owner can enter the folder. The files are readable, because a container reads them as another user.
mkdirSync(out, { recursive: true });
chmodSync(out, 0o700);
keep('bootstrap-key', () => `fw_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`);
const lines = usersIn(readFileSync(join(root, 'deploy/redis-users.acl'), 'utf8')).map((user) => ruleOf(user));
writeFileSync(join(out, 'redis-users.acl'), `${lines.join('\n')}\n`, { mode: 0o644 });
process.stdout.write(`${out}: redis-users.acl, a file for each user, and a file for the admin key of the desk\n`);

/**
 * The parts of an address as in REDIS_URL (src/ops/redis/redis-address.ts), without a login. The scheme may be missing.
 * @param {string} text
 */
function addressOf(text) {
  const [, scheme = 'redis', places = '', databaseOfHost = '0', name = ''] =
    /^(?:(rediss?(?:-sentinel|-cluster)?):\/\/)?([^\s/@?#]+)(?:\/(\d+))?(?:#(\S+))?$/.exec(text) ?? [];
  const kind = scheme.split('-')[1] ?? 'single';
  if (places === '' || (kind === 'single' && places.includes(',')) || (kind === 'sentinel') !== (name !== ''))
    refuse(
      `--host: ${JSON.stringify(text)} is not an address of Redis such as redis:6379, redis-sentinel://host:26379,host:26379#name or redis-cluster://host:6379,host:6379`,
    );
  return { scheme, kind, places, databaseOfHost, name };
}

/**
 * The words of each user's rule.
 * @param {string} template
 */
function usersIn(template) {
  /** @type {string[][]} */
  const users = [];
  for (const line of template.split('\n')) {
    const words = line.replace(/#.*$/, '').split(/\s+/).filter(Boolean);
    if (words[0] === 'user') users.push(words);
    else users.at(-1)?.push(...words);
  }
  return users;
}

/** @param {readonly string[]} rule */
function ruleOf([user = '', name = '', ...words]) {
  const select = database > 0 && isOfSite(name) ? [`+select|${database}`] : [];
  return (
    [user, userOf(name), ...words, ...select]
      .flatMap((word) => (word.includes('EDITION') ? editions.map((id) => word.replace('EDITION', id)) : [word]))
      .map((word) => (word === 'PASSWORD' ? hashOf(passwordOf(name)) : word.replace('PREFIX', prefix)))
      // The names of channels have the number of their database (src/log/redis/redis-keys.ts).
      .map((word) => (database > 0 && /^&.*[^*]$/.test(word) ? `${word}@${database}` : word))
      .join(' ')
  );
}

/**
 * Whether this is a user of the site; the others are users of the server.
 * @param {string} name
 */
function isOfSite(name) {
  return ['fanout', 'api', 'worker', 'ops'].includes(name);
}

/** @param {string} name */
function userOf(name) {
  return database > 0 && isOfSite(name) ? `${name}-${database}` : name;
}

/**
 * Redis never gets the password itself.
 * @param {string} password
 */
function hashOf(password) {
  return `#${createHash('sha256').update(password).digest('hex')}`;
}

/** @param {string} user */
function passwordOf(user) {
  const url = keep(`redis-${user}`, () => urlOf(user, randomBytes(32).toString('base64url')));
  return decodeURIComponent(/^[^@]*?:\/\/[^:@]*:([^@]*)@/.exec(url)?.[1] ?? '');
}

/**
 * Processes of the site read all of the address. A person gives it to redis-cli, which connects to one Redis: the first node of a
 * cluster, or the one beside the first Sentinel.
 * @param {string} user
 * @param {string} password
 */
function urlOf(user, password) {
  const login = `${userOf(user)}:${password}`;
  if (isOfSite(user)) return `${scheme}://${login}@${places}${database > 0 ? `/${database}` : ''}${name && `#${name}`}`;
  const [first = ''] = places.split(',');
  return `${scheme.split('-')[0]}://${login}@${kind === 'sentinel' ? first.replace(/:\d+$/, ':6379') : first}`;
}

/**
 * The content of a file; `make` creates it if it does not exist.
 * @param {string} name
 * @param {() => string} make
 */
function keep(name, make) {
  const file = join(out, name);
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o644, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}
