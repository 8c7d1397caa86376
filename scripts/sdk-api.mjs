// Part of `npm run check`: docs/sdk-api.md has the public types of the SDK as they are, so that a change of them is seen in review.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emitTypes } from './build-sdk.mjs';
import { endWith, readCommandLine, root, Stop, say } from './step.mjs';

const report = 'docs/sdk-api.md';

const preface = `# The types of the SDK

For people who review a change of the SDK: every type and function that the package exports, without its comments, then the types that
these use. \`node scripts/sdk-api.mjs --write\` makes this page, and \`npm run check\` compares it.
`;

/**
 * The declarations of some files by their names. Two of one name are null.
 * @param {readonly string[]} texts
 */
function declarationsIn(texts) {
  /** @type {Map<string, string | null>} */
  const declarations = new Map();
  for (const text of texts)
    for (const part of text.split(/^(?=\w)/m)) {
      const name = /^(?:export )?(?:declare )?(?:const|function|interface|type|class) (\w+)/.exec(part)?.[1];
      if (name !== undefined) declarations.set(name, declarations.has(name) ? null : tidy(part));
    }
  return declarations;
}

/**
 * A declaration with the indentation of this repository.
 * @param {string} text
 */
function tidy(text) {
  return text.trim().replace(/^ +/gm, (spaces) => ' '.repeat(spaces.length / 2));
}

/** The report as the sources make it. */
async function apiReport() {
  const dir = await mkdtemp(join(tmpdir(), 'flashwire-sdk-api-'));
  try {
    await emitTypes(dir, '--removeComments');
    const index = await readFile(join(dir, 'client/index.d.ts'), 'utf8');
    const files = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.d.ts')).sort();
    const declarations = declarationsIn(await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8'))));
    const exported = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.trim())
      .sort();
    const reached = new Set(exported);
    for (const name of reached) {
      const text = declarations.get(name);
      if (!text) throw new Stop(`the SDK has no ${name}, or two: the report needs one`);
      for (const [word] of text.matchAll(/\w+/g)) if (declarations.has(word)) reached.add(word);
    }
    /** @param {readonly string[]} names */
    const blockOf = (names) => `\`\`\`ts\n${names.map((name) => declarations.get(name)).join('\n\n')}\n\`\`\`\n`;
    const used = [...reached].filter((name) => !exported.includes(name)).sort();
    return `${preface}\n## Exported\n\n${blockOf(exported)}\n## Used by these\n\n${blockOf(used)}`;
  } finally {
    await rm(dir, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = readCommandLine('usage: node scripts/sdk-api.mjs [--write]', {
    options: { write: { type: 'boolean' } },
  });
  try {
    const text = await apiReport();
    const file = join(root, report);
    if (values.write) await writeFile(file, text);
    else if ((await readFile(file, 'utf8').catch(() => '')) !== text)
      throw new Stop(
        `the types of the SDK are not those of ${report}: run \`node scripts/sdk-api.mjs --write\` and review it`,
      );
    say(`${report} has the types of the SDK`);
  } catch (error) {
    endWith(error);
  }
}
