/** The values of attributes that have few. The first is the default. */
const choices = { theme: 'auto, light, dark', variant: 'banner, card, list' };

/** Names wrong attributes in the console. The server's own refusals are there already (client/http-socket.ts). */
export function checkAttributes(ticker: HTMLElement): void {
  for (const [name, known] of Object.entries(choices)) {
    const value = ticker.getAttribute(name);
    if (value && !known.split(', ').includes(value)) complain(`${name}="${value}" is not one of ${known}`);
  }
}

/**
 * Says once what the page's policy needs when it refuses a request to this server. Reports of refused WebSockets have no address
 * (https://www.w3.org/TR/CSP3/#strip-url-for-use-in-reports), but requests over HTTP follow. Returns a function that ends the watch.
 */
export function watchPolicy(server: string): () => void {
  const { origin } = new URL(server);
  const hear = ({ blockedURI }: SecurityPolicyViolationEvent) => {
    if (!blockedURI.startsWith(origin)) return;
    complain(`the page's Content-Security-Policy needs connect-src ${origin} ${origin.replace('http', 'ws')}`);
    stop();
  };
  const stop = () => document.removeEventListener('securitypolicyviolation', hear);
  document.addEventListener('securitypolicyviolation', hear);
  return stop;
}

export function complain(text: string): void {
  console.error(`<breaking-ticker>: ${text}`);
}
