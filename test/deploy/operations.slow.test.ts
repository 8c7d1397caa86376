import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { anchorsOf, documents, documentWithTable } from '../docs/documents.ts';
import { startFlashwire, until } from '../resources/flashwire.ts';
import { ownPrefix } from '../resources/redis-server.ts';
import { ResourceStack } from '../resources/resource-stack.ts';

interface Scraped {
  readonly type: string;
  readonly help: string;
  readonly labels: ReadonlySet<string>;
}

const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Flashwire[A-Za-z]+$/),
          expr: z.string(),
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string().min(10), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
const target = z.object({ expr: z.string() });
const dashboardFile = z.object({
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string(),
      datasource: z.object({ uid: z.string() }).optional(),
      targets: z.array(target).default([]),
    }),
  ),
});

const { path: runbook, text: document } = documentWithTable('| alert | severity | what it says | runbook |');
const { text: metricTable } = documentWithTable('| metric | type | labels | meaning |');
const rules = ruleFile
  .parse(parse(await readFile('deploy/prometheus-rules.yml', 'utf8')))
  .groups.flatMap((group) => group.rules);
const dashboard = dashboardFile.parse(JSON.parse(await readFile('deploy/grafana-dashboard.json', 'utf8')));
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Every metric of every role, as real processes give them. */
const scraped = new Map<string, Scraped>();
const stack = new ResourceStack();

beforeAll(async () => {
  const env = { REDIS_URL: inject('redisUrl'), FLASHWIRE_REDIS_PREFIX: ownPrefix() };
  const scrape = async (role: string, names: readonly string[]) => {
    const running = stack.use(await startFlashwire(role, env));
    const port = /"metricsPort":(\d+)/.exec(running.output.join('\n'))?.[1];
    let text = '';
    const hasAll = async () => {
      text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return names.every((name) => text.includes(name));
    };
    await until(hasAll, 30_000, `${role} gives all its metrics`);
    takeIn(text);
  };
  await Promise.all([
    // One of its worker, of its edge and of its api: it leaves out a process that does not answer in time.
    scrape('all', ['flashwire_dead_letters{', 'flashwire_head{', 'flashwire_open_desks{']),
    // What cannot be merged, such as the time of the start.
    scrape('fanout', ['flashwire_head{']),
  ]);
});

afterAll(() => stack[Symbol.asyncDispose]());

function takeIn(text: string): void {
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const labels = new Set(scraped.get(name)?.labels);
    for (const [, found = ''] of text.matchAll(new RegExp(`^${name}(?:_bucket|_sum|_count)?\\{(.*)\\} `, 'gm')))
      for (const [, label = ''] of found.matchAll(/(\w+)="/g)) if (label !== 'role') labels.add(label);
    const help = new RegExp(`^# HELP ${name} (.*)$`, 'm').exec(text)?.[1] ?? '';
    scraped.set(name, { type, help, labels });
  }
}

/** What may be named in an expression, with the labels that it may be asked for. */
function labelsOf(name: string): ReadonlySet<string> | undefined {
  const base = name.replace(/_(?:bucket|sum|count)$/, '');
  return scraped.get(name)?.labels ?? (scraped.get(base)?.type === 'histogram' ? scraped.get(base)?.labels : undefined);
}

test('the document lists every metric of Flashwire with its type and labels, and no other', () => {
  const rows = [...metricTable.matchAll(/^\| `(flashwire_\w+)` \| (\w+) \| ([\w, ]+) \| .{10,} \|$/gm)].map(
    ([, name = '', type, labels = '']) => [name, `${type}: ${labels === 'none' ? '' : labels}`],
  );
  const real = [...scraped].filter(([name]) => name.startsWith('flashwire_'));
  expect(new Map(rows as [string, string][])).toEqual(
    new Map(real.map(([name, { type, labels }]) => [name, `${type}: ${[...labels].sort().join(', ')}`])),
  );
});

/** What `promtool check metrics` asks of a name, and the base units of Prometheus. */
function lintOf(name: string, { type, help, labels }: Scraped): readonly string[] {
  const faults: string[] = [];
  const parts = name.split('_');
  if (help === '') faults.push('no help');
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) faults.push('is not of a-z, 0-9 and _');
  if ((type === 'counter') !== name.endsWith('_total')) faults.push('_total is for counters, and for all of them');
  if (/_(bucket|count|sum|info)$/.test(name) && !(type === 'gauge' && name.endsWith('_info')))
    faults.push('ends like a part of a histogram');
  if (parts.some((part) => ['gauge', 'counter', 'histogram', 'summary', 'metric'].includes(part)))
    faults.push('names its type');
  if (
    parts.some((part) =>
      /^(ns|us|ms|s|sec|min|h|hours?|minutes?|days?|(milli|micro|nano)seconds|[kmg]?i?b|kbytes|percent|pct)$/.test(
        part,
      ),
    )
  )
    faults.push('is not in seconds, bytes or a ratio');
  for (const label of labels) if (!/^[a-z][a-z0-9_]*$/.test(label)) faults.push(`label ${label}`);
  return faults.map((fault) => `${name}: ${fault}`);
}

test('every metric of every role has a name that promtool accepts', () => {
  // Of prom-client: nodejs_eventloop_lag_min_seconds is a minimum, no minute.
  const known = [...scraped].filter(([name]) => name !== 'nodejs_eventloop_lag_min_seconds');
  expect(known.flatMap(([name, metric]) => lintOf(name, metric))).toEqual([]);
});

test('every metric that a document names anywhere exists', () => {
  for (const { path, text } of documents.filter(({ path: file }) => file !== 'CHANGELOG.md'))
    for (const [name] of text.matchAll(/\bflashwire_\w+/g)) expect(labelsOf(name), `${path}: ${name}`).toBeDefined();
});

test.each(expressions)('%s: %s is a complete expression of existing metrics and labels', (_where, expr) => {
  const { metrics, fault } = readExpression(expr);
  expect(fault).toBeNull();
  expect(metrics.length).toBeGreaterThan(0);
  for (const { name, labels } of metrics) {
    if (name === 'up') continue;
    const known = labelsOf(name);
    expect(known, name).toBeDefined();
    for (const label of labels)
      expect([...(known ?? []), 'role', 'job', 'instance'], `${name}{${label}}`).toContain(label);
  }
});

test('every alert is in the table of the document, with an existing runbook', () => {
  const anchors = anchorsOf(document);
  const rows = new Map([...document.matchAll(/^\| `(Flashwire\w+)` \| (\w+) \|/gm)].map(([, name, of]) => [name, of]));
  expect(rows).toEqual(new Map(rules.map(({ alert, labels }) => [alert, labels.severity])));
  for (const { alert, annotations } of rules) {
    const [file, anchor = ''] = annotations.runbook.split('#');
    expect(file, alert).toBe(runbook);
    expect(anchors, alert).toContain(anchor);
  }
  for (const [, name = ''] of document.matchAll(/`(Flashwire[A-Z]\w+)`/g)) expect([...rows.keys()]).toContain(name);
});

test('every reason, outcome and code of an alert exists', async () => {
  const asked = rules.flatMap(({ expr }) => [...expr.matchAll(/(\w+)=~?"([^"]+)"/g)]);
  const isKnown = (value: string) =>
    documents.some(({ text }) => text.includes(`\`${value}\``)) || metricTable.includes(value);
  for (const [, label = '', values = ''] of asked)
    for (const value of values.split('|')) if (label !== 'job') expect(isKnown(value), `${label}=${value}`).toBe(true);
});

test('the dashboard can be imported: a variable for the data source, ids that differ, rows for all that matters', () => {
  expect(dashboard.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  expect(dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
    'Readers',
    'Delivery',
    'Desk',
    'Queue',
    'Redis',
    'Process',
  ]);
  for (const { type, title, datasource, targets } of dashboard.panels.filter((panel) => panel.type !== 'row')) {
    expect(type, title).toBe('timeseries');
    expect(datasource?.uid, title).toBe(['$', '{datasource}'].join(''));
    expect(targets.length, title).toBeGreaterThan(0);
  }
  const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join(' ');
  for (const [name] of scraped) if (name.startsWith('flashwire_')) expect(shown, name).toContain(name);
});

test('the scrape configuration includes the rules and the address of the metrics', async () => {
  const config = z
    .object({
      rule_files: z.array(z.string()),
      scrape_configs: z.array(
        z.object({ job_name: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
      ),
    })
    .parse(parse(await readFile('deploy/prometheus.yml', 'utf8')));
  expect(config.rule_files).toEqual(['prometheus-rules.yml']);
  expect(config.scrape_configs[0]?.job_name).toBe('flashwire');
  expect(config.scrape_configs[0]?.static_configs[0]?.targets).toEqual(['127.0.0.1:9464']);
});

test('the parser of expressions finds faults', () => {
  expect(readExpression('sum(rate(a_total[1m]) > 0').fault).not.toBeNull();
  expect(readExpression('summ(a)').fault).not.toBeNull();
  expect(readExpression('a{x="1"').fault).not.toBeNull();
  expect(readExpression('a > > 1').fault).not.toBeNull();
  expect(readExpression('a b').fault).not.toBeNull();
  expect(readExpression('sum by (x) (a{y=~"1|2"}) > 0.5 * b offset 5m').metrics).toEqual([
    { name: 'a', labels: ['y', 'x'] },
    { name: 'b', labels: ['x'] },
  ]);
});

const functions = new Set('sum min max count abs rate increase changes histogram_quantile'.split(' '));
const joins = new Set(['and', 'or', 'unless']);
const token = /\s*([a-zA-Z_]\w*|\d+(?:\.\d+)?|"[^"]*"|\[\d+[smh]\]|=~|!~|!=|>=|<=|==|[(){},=<>*/+-])/y;

/**
 * As much of PromQL as the files use: tokens, brackets that close, known functions, operators between two operands, and the
 * metrics with the labels that their selectors and the groupings name.
 */
function readExpression(expr: string) {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(expr); match; match = token.exec(expr)) tokens.push(match[1] ?? '');
  const metrics: { readonly name: string; readonly labels: string[] }[] = [];
  const groupings: string[] = [];
  const open: string[] = [];
  let fault = tokens.join('').length === expr.replace(/\s/g, '').length ? null : 'a sign that is none';
  let wantsOperand = true;
  const expectOperand = (isWanted: boolean, at: string) => {
    if (wantsOperand !== isWanted) fault ??= `not here: ${at}`;
  };
  const listAt = (from: number, end: string) => tokens.slice(from, tokens.indexOf(end, from));
  for (let at = 0; at < tokens.length; at += 1) {
    const now = tokens[at] ?? '';
    const next = tokens[at + 1];
    if (now === 'by' || now === 'on') {
      const labels = listAt(at + 2, ')').filter((text) => text !== ',');
      if (now === 'by') groupings.push(...labels);
      at = tokens.indexOf(')', at);
    } else if (now === 'offset') {
      at += 2; // a number and its unit
    } else if (joins.has(now) || /^(?:>=|<=|==|!=|[<>*/+-])$/.test(now)) {
      expectOperand(false, now);
      wantsOperand = true;
    } else if (/^[a-zA-Z_]/.test(now) && (next === '(' || next === 'by')) {
      expectOperand(true, now);
      if (!functions.has(now)) fault ??= `no function: ${now}`;
    } else if (/^[a-zA-Z_]/.test(now)) {
      expectOperand(true, now);
      wantsOperand = false;
      const inside = next === '{' ? listAt(at + 2, '}') : [];
      if (next === '{' && !tokens.includes('}', at)) fault ??= 'a selector without an end';
      metrics.push({ name: now, labels: inside.filter((text) => /^[a-zA-Z_]/.test(text)) });
      if (next === '{') at += inside.length + 2;
    } else if (now === '(') open.push(now);
    else if (now === ')') {
      if (open.pop() === undefined) fault ??= 'a bracket too many';
      expectOperand(false, now);
    } else if (/^\d/.test(now)) {
      expectOperand(true, now);
      wantsOperand = false;
    } else if (now === ',') wantsOperand = true;
    else if (!now.startsWith('[')) fault ??= `not here: ${now}`;
  }
  if (open.length > 0 || wantsOperand) fault ??= 'an expression without an end';
  for (const { labels } of metrics) labels.push(...groupings);
  return { metrics, fault };
}
