import { get } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * The address at which this machine reaches a server on `host`: loopback if `host` stands for all addresses.
 * @param {string} host
 */
export function reachable(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  return /^[0:]+$/.test(host) && isIPv6(host) ? '::1' : host;
}

/**
 * The origin for a browser.
 * @param {string} host
 * @param {string} port
 */
export function originOf(host, port) {
  const name = reachable(host);
  return `http://${isIPv6(name) ? `[${name}]` : name}:${port}`;
}

/**
 * Whether GET /readyz is 200. Not `fetch`, which refuses the ports that browsers block (6000, 10080).
 * @param {string} host
 * @param {string} port
 * @returns {Promise<boolean>}
 */
export function isReady(host, port) {
  return new Promise((resolve) => {
    const request = get({ host: reachable(host), port, path: '/readyz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.setTimeout(2_000, () => request.destroy());
    request.once('error', () => resolve(false));
    request.once('close', () => resolve(false));
  });
}
