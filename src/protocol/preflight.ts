/** Headers that the endpoints read. They are allowed also if the page does not ask for them. */
const usual = ['if-none-match', 'last-event-id'];
const mostNames = 64;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/**
 * `Access-Control-Allow-Headers` for public endpoints without credentials. It allows every header that the page asks for,
 * because tracing tools and HTTP libraries add headers of their own (`traceparent`, `sentry-trace`, `x-requested-with`,
 * `cache-control`), which no endpoint reads. Invalid header names are left out.
 */
export function allowedHeaders(requested: string | undefined): string {
  const names = (requested ?? '')
    .split(',', mostNames)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => headerName.test(name));
  return [...new Set([...usual, ...names])].join(', ');
}
