import { escapeHtml } from './escape.ts';
import { style } from './style.ts';

/** One page that needs no other file, no network and no script. `head` and `body` are markup. */
export function renderDocument(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
${head}
</header>
${body}
</main>
</body>
</html>
`;
}

export function renderTime(at: string): string {
  return `<time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 16).replace('T', ' '))} UTC</time>`;
}

export function renderNotice(kind: string, lead: string, lines: readonly string[]): string {
  return `<div class="verdict ${kind}">${lead}<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></div>`;
}

/** Names and values; numbers as people write them. */
export function renderPairs(label: string, pairs: Readonly<Record<string, string | number | boolean>>): string {
  const rows = Object.entries(pairs).map(
    ([name, value]) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(typeof value === 'number' ? value.toLocaleString('en') : String(value))}</td></tr>`,
  );
  return renderTable(label, rows);
}

/** What may be wider than the page scrolls by itself, also with the keyboard. `content` is markup. */
export function renderWide(label: string, content: string): string {
  return `<div class="wide" tabindex="0" role="region" aria-label="${escapeHtml(label)}">${content}</div>`;
}

/** `rows` are markup. */
export function renderTable(title: string, rows: readonly string[]): string {
  return `<table>\n<caption>${escapeHtml(title)}</caption>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table>`;
}
