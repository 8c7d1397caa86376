// Part of `npm run check`: the messages of all commits since the one that added this file.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { endWith, readCommandLine, root, Stop, say } from './step.mjs';

const types = ['feat', 'fix', 'perf', 'refactor', 'test', 'docs', 'build', 'ci', 'chore', 'revert'];
const conventional = new RegExp(`^(?:${types.join('|')})(?:\\([a-z0-9-]+\\))?!?: [^ ]`);
const longestSubject = 72;

/**
 * What is wrong with a commit message; nothing if it is right.
 * @param {string} message
 * @returns {string[]}
 */
export function faultsOf(message) {
  const [subject = '', ...rest] = message.trim().split('\n');
  const hasBody = rest.some((line) => line.trim() !== '' && !/^[A-Z][\w-]+-[Bb]y: /.test(line));
  return [
    ...(subject.length > longestSubject
      ? [`has ${subject.length} characters, at most ${longestSubject} are allowed`]
      : []),
    ...(conventional.test(subject) ? [] : [`does not start with a type (${types.join(', ')}) and a colon`]),
    ...(subject.includes(';') ? ['has a `;`: make two commits'] : []),
    ...(/^(?:fix|perf)\b/.test(subject) && !hasBody ? ['has no body: say why, and what was measured'] : []),
  ];
}

/** @param {readonly string[]} args */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function check() {
  const first = git('log', '--diff-filter=A', '--format=%H', '--', 'scripts/check-commits.mjs')?.split('\n').at(-1);
  const log = first ? git('log', '--no-merges', '--format=%h%n%B%x00', `${first}..HEAD`) : null;
  if (log === null) return say('no git history here, commits are not checked');
  const faults = log.split('\0').flatMap((entry) => {
    const [hash = '', ...message] = entry.trim().split('\n');
    if (hash === '') return [];
    return faultsOf(message.join('\n')).map((fault) => `${hash} ${message[0]}: ${fault}`);
  });
  if (faults.length > 0) throw new Stop(`wrong commit messages\n  ${faults.join('\n  ')}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  readCommandLine('usage: node scripts/check-commits.mjs');
  try {
    check();
  } catch (error) {
    endWith(error);
  }
}
