import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';

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

/** A ticker on a page, as it is drawn. */
export interface Box {
  readonly as: string;
  readonly width: number;
  readonly height: number;
  /** The width of the text of the current line. */
  readonly line: number;
}

/** The tickers of a shell, in the order of the page. */
export function boxesOf(page: Page): Promise<Box[]> {
  return page.locator('breaking-ticker').evaluateAll((tickers) =>
    tickers.map((ticker) => {
      const root = ticker.shadowRoot;
      const { width, height } = root?.querySelector('.ticker')?.getBoundingClientRect() ?? { width: 0, height: 0 };
      const line = root?.querySelector('.current .line')?.getBoundingClientRect().width ?? 0;
      return {
        as: ticker.getAttribute('data-as') ?? '',
        width: Math.round(width),
        height: Math.round(height),
        line: Math.round(line),
      };
    }),
  );
}
