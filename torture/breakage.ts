import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Violation } from './checker/violation.ts';

export interface Breakage {
  /** What the checker has to call it. */
  readonly kind: Violation['kind'];
  readonly faults: readonly string[];
  /** File of the build, what stands there once, and what takes its place. */
  readonly edits: readonly (readonly [file: string, from: string, to: string])[];
}

/** One guarantee each, taken out of a copy of the build: the product itself has no switch for this. */
export const breakages: Readonly<Record<string, Breakage>> = {
  'accepted-is-durable': {
    kind: 'lost',
    faults: ['nothing', 'worker killed'],
    edits: [
      [
        'src/log/commands/accept-write.lua',
        "redis.call('ZADD', due_key, turn_at(plan.due), command_id) end",
        "if version > 1 then redis.call('ZADD', due_key, turn_at(plan.due), command_id) end end",
      ],
      ['src/log/commands/accept-write.lua', "if plan.command_state == 'queued' then", 'if false then'],
      [
        'src/queue/bull-publisher.js',
        'async enqueue(edition, due) {',
        'async enqueue(edition, due) {\n        if (/[0-7]$/.test(due.commandId)) return;',
      ],
    ],
  },
  'a-command-is-one-entry': {
    kind: 'doubled',
    faults: ['nothing'],
    edits: [
      ['src/log/commands/append.lua', "if state == 'published' then return", 'if false then return'],
      ['src/log/commands/append.lua', "elseif version <= item_version then return refuse('stale-version')", ''],
      [
        'workers/appender.js',
        'await log.appendAll(edition, batch, [...passed]);',
        'await log.appendAll(edition, [...batch, ...batch], [...passed]);',
      ],
    ],
  },
  'refused-is-nowhere': {
    kind: 'ghost',
    faults: ['replies lost'],
    edits: [
      ['src/log/commands/accept.lua', 'if now > tonumber(deadline) then', 'if false then'],
      ['src/api/http-problem.js', 'mayHaveWritten ? outcomeUnknown', 'false ? outcomeUnknown'],
    ],
  },
  'no-silent-gap': {
    kind: 'gap',
    faults: ['pub/sub cut'],
    edits: [
      ['src/fanout/edition/edition-sync.js', "return this.#start('range');", 'return Promise.resolve();'],
      ['src/fanout/edition/replica.js', 'if (entry.seq !== this.head + 1)', 'if (false)'],
      ['src/fanout/edition/replica.js', 'if (!follows(entry.before, this.hashAt(this.head)))', 'if (false)'],
    ],
  },
  'every-entry-is-delivered': {
    kind: 'unheard',
    faults: ['nothing'],
    edits: [['src/fanout/feed/feed.js', 'const isTouched = slot', 'const isTouched = seq % 16 !== 0 && slot']],
  },
  'positions-rise': {
    kind: 'order',
    faults: ['nothing'],
    edits: [['src/fanout/feed/feed-wire.js', 'pieces.push(frame);', 'pieces.push(frame, frame);']],
  },
  'same-bytes-everywhere': {
    kind: 'bytes',
    faults: ['nothing'],
    edits: [['src/protocol/encode.js', '{"type":"item",', '{"by":`+process.pid+`,"type":"item",']],
  },
  'epoch-of-lost-history': {
    kind: 'gap',
    faults: ['failover that lost the tail'],
    edits: [['src/log/redis/chain.lua', 'if epoch and suspected ~= epoch then', 'if epoch then']],
  },
  'history-is-chained': {
    kind: 'chain',
    faults: ['nothing'],
    edits: [
      [
        'src/log/commands/append.lua',
        'local hash = link({ before, event, seq, unpack(header) })',
        'local hash = link({ before, event, seq })',
      ],
    ],
  },
  'lines-stand-as-acknowledged': {
    kind: 'acknowledged',
    faults: ['both workers killed', 'Redis killed'],
    edits: [['workers/appender.js', '.slice(0, batchSize);', '.slice(0, batchSize).reverse();']],
  },
  'stop-holds': {
    kind: 'held',
    faults: ['STOP under load'],
    edits: [['src/log/commands/append.lua', 'if is_stopped then', 'if false then']],
  },
  'a-reader-is-counted-once': {
    kind: 'account',
    faults: ['nothing'],
    edits: [
      ['src/fanout/reader/reader.js', 'this.#cursor = Math.max(this.#cursor, batch.to);', ''],
      [
        'src/fanout/reader/reader.js',
        'if (this.feed.last > from)',
        'this.#cursor = Math.max(this.#cursor, batch.to);\n        if (this.feed.last > from)',
      ],
    ],
  },
  'silence-proves-nothing': {
    kind: 'proof',
    faults: ['fan-out cut off'],
    edits: [
      [
        'src/log/rollcall/roll.js',
        'return this.heard();',
        'return this.heard().filter(({ heardAgoMs }) => heardAgoMs <= agoMs + 3_500);',
      ],
    ],
  },
  'a-bad-account-costs-itself': {
    kind: 'account',
    faults: ['odd accounts'],
    edits: [['src/log/rollcall/delivery-report.js', 'readable(deliveryReport)', 'z.array(deliveryReport)']],
  },
  'withdrawn-text-is-gone': {
    kind: 'remembered',
    faults: ['text withdrawn'],
    edits: [['src/fanout/delivery/delivery-ledger.js', 'waiting: new Map(),', 'waiting: new Map(), kept: entry,']],
  },
};

/** Makes a copy of the build with the guarantee taken out; returns its program. Throws where the build is not as expected. */
export function brokenProgram(name: string, folder: string): string {
  const breakage = breakages[name];
  if (!breakage)
    throw new Error(`--break: no guarantee is called "${name}"; there are: ${Object.keys(breakages).join(', ')}`);
  const dist = join(folder, 'dist');
  cpSync('dist', dist, { recursive: true });
  cpSync('package.json', join(folder, 'package.json'));
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  for (const [file, from, to] of breakage.edits) {
    const path = join(dist, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not have this once: ${from}`);
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  return join(dist, 'src/main.js');
}
