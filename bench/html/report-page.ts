import { type Change, changesOf, type Figured, figuresOf, isComparable, shareWords } from '../figures/change.ts';
import { renderValue } from '../figures/figure.ts';
import { headline } from '../figures/headline.ts';
import { faultsIn, noTime, type Part, type Report } from '../figures/report.ts';
import { renderComparison, said } from './comparison-page.ts';
import { renderDocument, renderNotice, renderPairs, renderTime, renderWide } from './document.ts';
import { escapeHtml } from './escape.ts';
import { renderPlots } from './plots.ts';

/** A full run as one page that needs no other file, no network and no script; beside an earlier one, where there is one. */
export function renderReportPage(report: Report, before: Report | null): string {
  const changes = before === null ? [] : changesOf(report, before);
  const body = [
    contents(report, before),
    ...(before === null ? [] : [comparedWith(report, before, changes)]),
    ...measuredParts(report).map((part) => section(part, idOf(report, part), before, changes)),
    ...(report.comparison === null
      ? []
      : [
          '<section id="peers">',
          '<h2>Beside other systems</h2>',
          ...said(report.comparison),
          renderComparison(report.comparison),
          '</section>',
        ]),
    '<h2 id="machine">How it was measured</h2>',
    `<div class="pairs">\n${renderPairs('Machine', report.machine)}\n</div>`,
  ];
  const head = [
    `<p class="kicker">Flashwire bench · report · ${renderTime(report.at)} · commit ${escapeHtml(String(report.machine['commit'] ?? 'unknown'))}</p>`,
    `<h1>${escapeHtml(sentence(report, before, changes))}</h1>`,
    ...notices(report, changes),
  ];
  return renderDocument('Flashwire bench: report', head.join('\n'), body.join('\n'));
}

function sentence(report: Report, before: Report | null, changes: readonly Change[]): string {
  const measured = report.parts.filter(({ runs }) => runs.length > 0).length;
  const faults = faultsIn(report).length;
  const worse = changes.filter(({ verdict }) => verdict === 'worse').length;
  const compared =
    before === null ? '' : worse === 0 ? ', nothing worse than before' : `, ${figures(worse)} worse than before`;
  const late = report.parts.filter(({ leftOut }) => leftOut === noTime).length;
  return `${late === 0 ? measured : `${measured} of ${measured + late}`} ${measured + late === 1 ? 'scenario' : 'scenarios'} in ${duration(report.seconds)}: ${faults === 0 ? 'no fault' : faults === 1 ? '1 fault' : `${faults} faults`}${compared}`;
}

function notices(report: Report, changes: readonly Change[]): readonly string[] {
  const faults = faultsIn(report);
  const worse = changes.filter(({ verdict }) => verdict === 'worse');
  const doubts = [
    ...report.parts.flatMap(({ name, leftOut }) => (leftOut === null ? [] : [`left out: ${name}: ${leftOut}`])),
    ...report.parts.flatMap(({ name, runs }) =>
      [...new Set(runs.flatMap((run) => run.warnings))].map((warning) => `${name}: ${warning}`),
    ),
  ];
  return [
    faults.length === 0
      ? '<p class="verdict">Passed: no reader saw a gap or a duplicate, and nothing was lost.</p>'
      : renderNotice('failed', 'Failed:', faults),
    ...(worse.length === 0
      ? []
      : [
          renderNotice(
            'failed',
            'Worse than before, by more than noise:',
            worse.map((one) => `${one.part}: ${one.figure.label}: ${changeWords(one)}`),
          ),
        ]),
    ...(doubts.length === 0 ? [] : [renderNotice('warned', 'Before you quote this:', doubts)]),
  ];
}

function contents(report: Report, before: Report | null): string {
  const items = measuredParts(report).map((part) => {
    const last = part.runs.at(-1);
    const state = last === undefined ? (part.failures[0] ?? '') : headline({ ...last, figures: figuresOf(part) });
    return `<li><a href="#${idOf(report, part)}">${escapeHtml(part.name)}</a>: ${verdictWord(part)}. ${escapeHtml(state)}</li>`;
  });
  const links = [
    ...(before === null ? [] : ['<a href="#changes">What changed</a>']),
    ...(report.comparison === null ? [] : ['<a href="#peers">Beside other systems</a>']),
    '<a href="#machine">How it was measured</a>',
  ];
  return `<nav aria-label="Contents">\n<ul>\n${[...items, ...links.map((link) => `<li>${link}</li>`)].join('\n')}\n</ul>\n</nav>`;
}

/** Those that have something to show. */
function measuredParts({ parts }: Report): readonly Part[] {
  return parts.filter(({ runs, failures }) => runs.length > 0 || failures.length > 0);
}

function idOf({ parts }: Report, part: Part): string {
  return `part${parts.indexOf(part)}`;
}

function verdictWord({ runs, failures }: Part): string {
  const isGood = failures.length === 0 && runs.every((run) => run.faults.length === 0);
  return isGood ? 'passed' : '<strong class="worse">failed</strong>';
}

function comparedWith(report: Report, before: Report, changes: readonly Change[]): string {
  const moved = changes.filter(({ verdict }) => verdict === 'worse' || verdict === 'better');
  const other = report.parts.filter((part) => {
    const earlier = before.parts.find(({ name }) => name === part.name);
    return part.runs.length > 0 && (earlier === undefined || !isComparable(part, earlier));
  });
  const machines = ['cpu', 'cores', 'node'].filter((name) => report.machine[name] !== before.machine[name]);
  return [
    '<section id="changes">',
    '<h2>What changed</h2>',
    `<p>Compared with the run of ${renderTime(before.at)}, commit ${escapeHtml(String(before.machine['commit'] ?? 'unknown'))}, ${rounds(before)} against ${rounds(report)} here. ${noiseWords}</p>`,
    ...(machines.length === 0
      ? []
      : [
          renderNotice(
            'warned',
            'Another machine:',
            machines.map((name) => `${name}: ${before.machine[name]}, now ${report.machine[name]}`),
          ),
        ]),
    moved.length === 0
      ? '<p>No figure has moved by more than noise.</p>'
      : renderWide('Changes beyond noise', changeTable(moved)),
    ...(other.length === 0
      ? []
      : [
          `<p>Not compared, because it was not measured before, or with other settings: ${escapeHtml(other.map(({ name }) => name).join(', '))}.</p>`,
        ]),
    '</section>',
  ].join('\n');
}

const noiseWords =
  'Noise is how far the rounds of either run lie apart, and at least 5 %. Where a run has one round, it is taken as 40 % of a time, 20 % of CPU and memory, 100 % of a maximum and of a p99.';

function changeTable(changes: readonly Change[]): string {
  const rows = changes.map(
    (one) =>
      `<tr><th scope="row">${escapeHtml(one.part)}: ${escapeHtml(labelOf(one.figure))}</th><td class="number">${number({ value: one.before, unit: one.figure.unit })}</td><td class="number">${number(one.figure)}</td><td class="number">${changeCell(one)}</td><td class="number">${(one.noise * 100).toFixed(0)} %</td></tr>`,
  );
  const head = ['figure', 'before', 'now', 'change', 'noise'].map((text) => `<th scope="col">${text}</th>`).join('');
  return `<table>\n<caption>Changes beyond noise</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function section(part: Part, id: string, before: Report | null, changes: readonly Change[]): string {
  const last = part.runs.at(-1);
  const head = [`<section id="${id}">`, `<h2>${escapeHtml(part.name)}</h2>`, `<p>${escapeHtml(part.summary)}</p>`];
  if (last === undefined) return [...head, `<p>${escapeHtml(part.failures[0] ?? '')}</p>`, '</section>'].join('\n');
  const own = changes.filter((one) => one.part === part.name);
  return [
    ...head,
    `<p>${escapeHtml(headline({ ...last, figures: figuresOf(part) }))}</p>`,
    ...(last.faults.length === 0 ? [] : [renderNotice('failed', 'Failed:', last.faults)]),
    renderPlots(last, `${id}-plot`, part.name),
    renderWide(`Figures of ${part.name}`, figureTable(part, own, before !== null && own.length > 0)),
    `<details><summary>Settings, and the command that measures it again</summary>${renderPairs('Settings', last.settings)}${last.command === undefined ? '' : `<pre tabindex="0"><code>${escapeHtml(last.command)}</code></pre>`}</details>`,
    '</section>',
  ].join('\n');
}

function figureTable(part: Part, changes: readonly Change[], isCompared: boolean): string {
  const isSpread = part.runs.length > 1;
  const titles = [
    'figure',
    isSpread ? 'median' : 'value',
    ...(isSpread ? ['rounds'] : []),
    ...(isCompared ? ['before', 'change'] : []),
  ];
  const rows = figuresOf(part).map((figure) => {
    const change = changes.find((one) => one.figure.name === figure.name && one.figure.run === figure.run);
    const cells = [
      number(figure),
      ...(isSpread ? [spreadWords(figure)] : []),
      ...(isCompared
        ? [
            change === undefined ? '' : number({ value: change.before, unit: figure.unit }),
            change === undefined ? '' : changeCell(change),
          ]
        : []),
    ];
    return `<tr><th scope="row">${escapeHtml(labelOf(figure))}</th>${cells.map((cell) => `<td class="number">${cell}</td>`).join('')}</tr>`;
  });
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join('');
  return `<table>\n<caption>Figures</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}

function labelOf(figure: Figured): string {
  return figure.run === undefined ? figure.label : `${figure.label} (${figure.run})`;
}

/** In the unit of the median beside it. */
function spreadWords({ values }: Figured): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => number({ value, unit: '' }));
  return values.length === 0 ? '' : `${least} to ${most}`;
}

function number(one: Pick<Figured, 'value' | 'unit'>): string {
  return escapeHtml(renderValue(one));
}

function changeCell(change: Change): string {
  const { verdict } = change;
  const isMoved = verdict === 'worse' || verdict === 'better';
  return isMoved ? `<strong class="${verdict}">${changeWords(change)}</strong>` : changeWords(change);
}

/** A word beside the number: colour alone would tell not everybody. */
function changeWords({ change, verdict }: Change): string {
  const share = shareWords(change);
  return verdict === 'worse' || verdict === 'better' ? `${share}, ${verdict}` : share;
}

function rounds({ rounds }: Report): string {
  return rounds === 1 ? '1 round' : `${rounds} rounds`;
}

function figures(count: number): string {
  return count === 1 ? '1 figure' : `${count} figures`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`;
}
