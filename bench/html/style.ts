/** The whole style of a result's page; the colours of the plots' lines are c0 to c3. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --paper: #fff; --ink: #16181d; --quiet: #5b616e; --rule: #d9dce3; --grid: #e7e9ee;
  --breaking: #c8102e; --amber: #8a5a00; --live: #1a7f4b;
  --c0: #c8102e; --c1: #1f6fb5; --c2: #7a5195; --c3: #8a5a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1014; --paper: #16181d; --ink: #f1f2f4; --quiet: #a3a9b6; --rule: #3a3f4b; --grid: #262a33;
    --breaking: #ff7a85; --amber: #f0b429; --live: #4cc38a;
    --c0: #ff7a85; --c1: #6db3f2; --c2: #c39bdf; --c3: #f0b429;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
main { max-width: 60rem; margin: 0 auto; padding: clamp(1.25rem, 4vw, 3rem) clamp(1rem, 4vw, 2rem) 4rem; }
.kicker { margin: 0 0 .5rem; color: var(--quiet); font-size: .875rem; }
h1 {
  margin: 0 0 1rem; max-width: 44ch; text-wrap: balance;
  font: 600 clamp(1.5rem, 1.1rem + 2vw, 2.25rem)/1.2 Charter, "Iowan Old Style", Georgia, "Times New Roman", serif;
}
h2 { margin: 3rem 0 .75rem; font-size: 1.125rem; line-height: 1.3; }
.verdict { margin: 0; padding: .625rem .875rem; border-left: 4px solid var(--live); background: var(--paper); }
.verdict.failed { border-color: var(--breaking); }
.verdict.warned { border-color: var(--amber); }
.verdict + .verdict { margin-top: .5rem; }
.verdict ul { margin: .25rem 0 0; padding-left: 1.25rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem; margin-top: 2.5rem; }
figure { margin: 0; padding: 1rem 1rem .75rem; background: var(--paper); border: 1px solid var(--rule); border-radius: 6px; }
figcaption { margin-bottom: .5rem; font-weight: 600; }
svg { display: block; width: 100%; height: auto; overflow: visible; font: inherit; }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick, svg .axis { fill: var(--quiet); }
svg .end { text-anchor: end; }
svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--grid); }
svg .base { stroke: var(--quiet); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .mark { stroke: var(--paper); stroke-width: 1.5; }
svg .label { font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
svg .line.c0 { stroke: var(--c0); } svg .mark.c0, svg .label.c0 { fill: var(--c0); }
svg .line.c1 { stroke: var(--c1); } svg .mark.c1, svg .label.c1 { fill: var(--c1); }
svg .line.c2 { stroke: var(--c2); } svg .mark.c2, svg .label.c2 { fill: var(--c2); }
svg .line.c3 { stroke: var(--c3); } svg .mark.c3, svg .label.c3 { fill: var(--c3); }
svg .bar { fill: var(--quiet); }
svg .bar.own { fill: var(--breaking); }
svg .spread { stroke: var(--ink); stroke-width: 2; }
.wide tbody th { white-space: nowrap; }
.plots + .wide { margin-top: 1.25rem; }
@media (max-width: 40rem) { .wide tbody th { white-space: normal; min-width: 9rem; } }
.wide { overflow-x: auto; margin-bottom: 1.25rem; }
thead th { color: var(--quiet); font-size: .875rem; }
thead th + th { text-align: right; }
figure thead th { text-align: right; }
table { width: 100%; border-collapse: collapse; background: var(--paper); border: solid var(--rule); border-width: 0 1px 1px; }
th, td { padding: .375rem .875rem; text-align: left; vertical-align: baseline; font-weight: 400; }
tbody tr + tr > * { border-top: 1px solid var(--grid); }
caption { padding: .625rem .875rem .375rem; background: var(--paper); border: solid var(--rule); border-width: 1px 1px 0; border-radius: 6px 6px 0 0; color: var(--quiet); font-size: .875rem; font-weight: 600; text-align: left; }
tbody tr:first-child > * { border-top: 1px solid var(--grid); }
td.number { text-align: right; white-space: nowrap; font-weight: 600; }
strong.worse { color: var(--breaking); }
strong.better { color: var(--live); }
section { scroll-margin-top: 1rem; }
section p { max-width: 70ch; }
a { color: var(--c1); }
nav { margin-top: 2.5rem; }
figure .wide { margin: .5rem 0 0; }
figure details { margin-top: .5rem; }
td.unknown { color: var(--quiet); font-weight: 400; }
.groups { columns: 2 24rem; column-gap: 1.25rem; }
.groups table { break-inside: avoid; margin-bottom: 1.25rem; }
.pairs { display: grid; align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.25rem; }
.pairs td { overflow-wrap: anywhere; }
.pairs th { color: var(--quiet); white-space: nowrap; }
details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--quiet); }
pre { margin: 0; padding: .875rem 1rem; overflow-x: auto; background: var(--paper); border: 1px solid var(--rule); border-radius: 6px; }
code { font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
@media print { body { background: none; } figure { break-inside: avoid; } }
`;
