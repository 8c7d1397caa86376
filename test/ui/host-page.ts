import type { IncomingMessage, ServerResponse } from 'node:http';

/** As strict as a site can be: nothing inline, text becomes markup nowhere. */
function strictPolicy(origin: string): string {
  return `default-src 'none'; script-src ${origin}; connect-src ${origin} ${origin.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types 'none'`;
}

/** Somebody's page with tickers on it, served by `handle` at /host; everything else is left to `next`. */
export function hostPage(
  body: string,
  next: (request: IncomingMessage, response: ServerResponse) => void,
  script = '/ticker.js',
) {
  return (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/host')) {
      next(request, response);
      return;
    }
    const origin = `http://${request.headers.host}`;
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': strictPolicy(new URL(script, origin).origin),
    });
    response.end(
      `<!doctype html><html lang="en"><title>A site</title><meta name="viewport" content="width=device-width"><script type="module" src="${script}" crossorigin></script><body><main><h1>A site</h1>${body}<p id="after">What follows</p></main></body></html>`,
    );
  };
}
