import type { IncomingMessage, ServerResponse } from 'node:http';

/** As strict as a site can be: nothing inline, text becomes markup nowhere. */
function strictPolicy(origin: string): string {
  return `default-src 'none'; script-src ${origin}; connect-src ${origin} ${origin.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types 'none'`;
}

/** Somebody's page with tickers on it, served by `handle` at /host; everything else is left to `next`. */
export function hostPage(
  body: string,
  next: (req: IncomingMessage, res: ServerResponse) => void,
  script = '/ticker.js',
) {
  return (req: IncomingMessage, res: ServerResponse) => {
    if (!req.url?.startsWith('/host')) {
      next(req, res);
      return;
    }
    const origin = `http://${req.headers.host}`;
    res.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': strictPolicy(new URL(script, origin).origin),
    });
    res.end(
      `<!doctype html><html lang="en"><title>A site</title><meta name="viewport" content="width=device-width"><script type="module" src="${script}" crossorigin></script><body><main><h1>A site</h1>${body}<p id="after">What follows</p></main></body></html>`,
    );
  };
}
