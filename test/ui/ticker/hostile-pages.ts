import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Pages in the structure of three content systems' themes and of two style frameworks: hostile/<name>.html. */
export const shells = ['wordpress', 'drupal', 'joomla', 'bootstrap', 'tailwind'] as const;

const script = '<script type="module" src="/ticker.js"></script>';
const shellOf = (name: string) => readFileSync(new URL(`hostile/${name}.html`, import.meta.url), 'utf8');

/** Serves the shells at /host/<name>, and `body` under the style sheet `css` at /host. `next` handles everything else. */
export function hostilePages(next: (request: IncomingMessage, response: ServerResponse) => void, css = '', body = '') {
  return (request: IncomingMessage, response: ServerResponse) => {
    const name = /^\/host(?:\/(\w+))?$/.exec(request.url ?? '');
    if (!name) {
      next(request, response);
      return;
    }
    const page = name[1]
      ? shellOf(name[1])
          .replace('</title>', `</title>${script}`)
          .replaceAll('<breaking-ticker ', '<breaking-ticker edition="en" ')
      : `<!doctype html><html lang="en"><meta charset="utf-8"><title>A site</title><style>${css}</style>${script}<body>${body}</body></html>`;
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page);
  };
}

/** A page with tickers, as it is drawn. */
export interface Drawn {
  readonly tickers: readonly {
    readonly as: string;
    readonly width: number;
    readonly height: number;
    /** The width of the text of the current line. */
    readonly line: number;
  }[];
  /** How far the page scrolls sideways. */
  readonly sideways: number;
  /** Whether the name of the site, beside the ticker in a flex row, is on more than one line. */
  readonly isNameBroken: boolean;
}

/** Runs in the page. */
export function boxesIn(): Drawn {
  const tickers = [...document.querySelectorAll('breaking-ticker')].map((ticker) => {
    const root = ticker.shadowRoot;
    const { width, height } = root?.querySelector('.ticker')?.getBoundingClientRect() ?? { width: 0, height: 0 };
    const line = root?.querySelector('.current .line')?.getBoundingClientRect().width ?? 0;
    const as = ticker.getAttribute('data-as') ?? '';
    return { as, width: Math.round(width), height: Math.round(height), line: Math.round(line) };
  });
  const isNameBroken = [...document.querySelectorAll('[data-keeps]')].some((name) => {
    const range = document.createRange();
    range.selectNodeContents(name);
    return range.getClientRects().length > 1;
  });
  const { scrollWidth, clientWidth } = document.documentElement;
  return { tickers, sideways: scrollWidth - clientWidth, isNameBroken };
}

/** What is wrong with a page in a window of this width. On a phone a name of two words may take two lines. */
export function faultsOf(shell: string, width: number, { tickers, sideways, isNameBroken }: Drawn): readonly string[] {
  const least = width === 320 ? 160 : 288;
  const isSane = (box: Drawn['tickers'][number]) =>
    box.width >= least && box.width <= width && box.height >= 60 && box.height <= 400 && box.line >= 130;
  return [
    ...tickers
      .filter((box) => !isSane(box))
      .map(({ as, ...box }) => `${shell} at ${width}: ${as} is ${box.width} x ${box.height}, its line ${box.line}`),
    ...(sideways > 0 ? [`${shell} at ${width} scrolls sideways by ${sideways}`] : []),
    ...(isNameBroken && width > 320 ? [`${shell} at ${width} squeezes the name of the site`] : []),
  ];
}
