// `node scripts/redis-users.mjs [--out secrets] [--host redis:6379] [--database 0] [--prefix fw] [--config flashwire.config.json]`: a
// Redis user for each role with a new password, and an admin key for the desk. What is there already stays as it is, so it can be
// run again when an edition comes in or an update brings other rules; Redis then has to load the file (ACL LOAD as admin, or a restart).
// The users of another database than 0 carry its number (fanout-1), so that one file can hold those of two sites.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCommandLine, refuse, root } from './step.mjs';

const usage =
  'usage: node scripts/redis-users.mjs [--out secrets] [--host redis:6379] [--database 0] [--prefix fw] [--config flashwire.config.json]';
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
// As in a URL, a host may be followed by its database.
const [host, databaseOfHost = '0'] = values.host.split('/');
const database = Number(values.database ?? databaseOfHost);
if (!Number.isInteger(database) || database < 0)
  refuse(`--database: ${JSON.stringify(values.database ?? databaseOfHost)} is not a whole number of at least 0`);
const site = JSON.parse(readFileSync(resolve(values.config), 'utf8'));
const editions = [...site.editions.map(({ id }) => id), '_canary'];

// The folder keeps others out. The files in it can be read, since a container reads them as a user of its own.
mkdirSync(out, { recursive: true });
chmodSync(out, 0o700);
keep('bootstrap-key', () => `fw_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`);
const lines = usersIn(readFileSync(join(root, 'deploy/redis-users.acl'), 'utf8')).map((user) => ruleOf(user));
writeFileSync(join(out, 'redis-users.acl'), `${lines.join('\n')}\n`, { mode: 0o644 });
process.stdout.write(`${out}: redis-users.acl, and a file for each user and for the desk's admin key\n`);

/** The words of each user's rule. */
function usersIn(template) {
  const users = [];
  for (const line of template.split('\n')) {
    const words = line.replace(/#.*$/, '').split(/\s+/).filter(Boolean);
    if (words[0] === 'user') users.push(words);
    else users.at(-1)?.push(...words);
  }
  return users;
}

function ruleOf([user, name, ...words]) {
  const select = database > 0 && isOfSite(name) ? [`+select|${database}`] : [];
  return (
    [user, userOf(name), ...words, ...select]
      .flatMap((word) => (word.includes('EDITION') ? editions.map((id) => word.replace('EDITION', id)) : [word]))
      .map((word) => (word === 'PASSWORD' ? hashOf(passwordOf(name)) : word.replace('PREFIX', prefix)))
      // Channels carry the number of their database, as src/log/redis/redis-keys.ts names them.
      .map((word) => (database > 0 && /^&.*[^*]$/.test(word) ? `${word}@${database}` : word))
      .join(' ')
  );
}

/** The others are those of the server. */
function isOfSite(name) {
  return ['fanout', 'api', 'worker', 'ops'].includes(name);
}

function userOf(name) {
  return database > 0 && isOfSite(name) ? `${name}-${database}` : name;
}

/** Redis never gets the password itself. */
function hashOf(password) {
  return `#${createHash('sha256').update(password).digest('hex')}`;
}

function passwordOf(name) {
  const path = database > 0 && isOfSite(name) ? `/${database}` : '';
  const url = keep(
    `redis-${name}`,
    () => `redis://${userOf(name)}:${randomBytes(32).toString('base64url')}@${host}${path}`,
  );
  return new URL(url).password;
}

/** What stands in a file; made where there is none. */
function keep(name, make) {
  const file = join(out, name);
  if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o644, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}
