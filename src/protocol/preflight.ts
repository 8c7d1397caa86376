/** What is read of a page's request; allowed also where a page does not ask for any. */
const usual = ['if-none-match', 'last-event-id'];
const mostNames = 64;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/**
 * `Access-Control-Allow-Headers` for what is public and needs no credentials: whatever the page has asked for, since tracing
 * tools and HTTP libraries add headers of their own (`traceparent`, `sentry-trace`, `x-requested-with`, `cache-control`) and
 * nothing here reads them. What is no name of a header is left out.
 */
export function allowedHeaders(requested: string | undefined): string {
  const asked = (requested ?? '')
    .split(',', mostNames)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => headerName.test(name));
  return [...new Set([...usual, ...asked])].join(', ');
}
