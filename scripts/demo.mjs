// `npm run demo`: the desk and three tickers side by side, and a news day of two minutes. `-- --stills <folder>` plays it in a
// headless Chromium and takes the pictures of docs/getting-started.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as ask, createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build, install } from './build.mjs';
import { keyIn } from './data-folder.mjs';
import { findOrInstallRedis } from './machine.mjs';
import { freePort, hasEnded, startRedis, stopProcess } from './private-redis.mjs';
import { endWith, readCommandLine, requireNode, root, Stop, say } from './step.mjs';

/**
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 */

const port = Number(process.env.PORT || 8080);
const { values } = readCommandLine('usage: npm run demo [-- --stills <folder>]', {
  options: { stills: { type: 'string' } },
});
const stills = values.stills === undefined ? null : resolve(values.stills);
/** The sources of the news day that the site file does not know. */
const sources = ['Harbour office', 'Port authority'].map((name) => ({ name, kind: 'organisation', editions: ['en'] }));
/** A day takes two minutes, and longer on a busy machine. */
const dayMs = 300_000;
/** What the three tickers show at the end, and what none of them shows: the stopped line, and the bridge in three languages. */
const atTheEnd = [
  'Rescue boats reach the ferry',
  '241 aboard',
  'has been withdrawn',
  'البنك المركزي يُبقي سعر الفائدة عند 3.25%',
  'سُحب خبر',
  'El banco central mantiene el tipo de interés',
  'Se ha retirado una noticia',
];
const gone = ['nobody should read', 'Velda', 'فيلدا'];
/**
 * Undoes each step at the end, the last step first.
 * @type {(() => unknown)[]}
 */
const undo = [];
/**
 * The Redis process that was started last.
 * @type {ChildProcess | null}
 */
let redis = null;
/**
 * Resolves when the killed Redis answers again; null without a restart.
 * @type {Promise<unknown> | null}
 */
let restart = null;
let isStopping = false;

try {
  requireNode();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  await install();
  await build();
  const folder = await mkdtemp(join(tmpdir(), 'flashwire-demo-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  const program = await findOrInstallRedis();
  undo.push(killRedis);
  /** @param {ChildProcess} child */
  const keep = (child) => {
    redis = child;
  };
  /** @param {number} [onPort] */
  const start = (onPort) => startRedis(program, join(folder, 'redis'), keep, onPort);
  const { port: redisPort, url: redisUrl } = await start();
  const inner = await startFlashwire(folder, redisUrl);
  const keys = await makeKeys(inner, keyIn(folder).key);
  await serve(inner, keys, {
    '/demo/kill': killRedis,
    '/demo/start': () => restartRedis(() => start(redisPort)),
  });
  const url = `http://127.0.0.1:${port}/demo`;
  process.stdout.write(`demo    ${url}\n`);
  if (stills) await takeStills(url, stills);
  else openBrowser(url);
} catch (error) {
  if (!isStopping) endWith(error);
  await stop(Number(process.exitCode ?? 0));
}

/**
 * @param {string} folder
 * @param {string} redisUrl
 */
async function startFlashwire(folder, redisUrl) {
  const inner = await freePort();
  const siteFile = join(folder, 'site.json');
  const site = JSON.parse(await readFile(join(root, 'flashwire.config.json'), 'utf8'));
  await writeFile(siteFile, JSON.stringify({ ...site, sources: [...site.sources, ...sources] }));
  const child = spawn(process.execPath, ['dist/src/main.js', 'all'], {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(inner),
      HOST: '127.0.0.1',
      REDIS_URL: redisUrl,
      FLASHWIRE_BOOTSTRAP_KEY: keyIn(folder).key,
      FLASHWIRE_CONFIG: siteFile,
      FLASHWIRE_METRICS_PORT: '0',
      FLASHWIRE_DRAIN_MS: '0',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  undo.push(() => stopProcess(child, 10_000));
  child.once('exit', (code) => {
    if (!isStopping) void stop(code ?? 1);
  });
  for (let tries = 0; tries < 300; tries += 1) {
    const response = await fetch(`http://127.0.0.1:${inner}/readyz`).catch(() => null);
    if (response?.status === 200) return inner;
    await pause(100);
  }
  throw new Stop('Flashwire was not ready after 30 s.');
}

/**
 * A key for each of three people.
 * @param {number} inner
 * @param {string} admin
 */
async function makeKeys(inner, admin) {
  const people = /** @type {const} */ ([
    ['sam', 'Sam Reyes', undefined],
    ['nour', 'Nour Haddad', ['en', 'ar']], // a translator's key has to see the original
    ['luz', 'Luz Pardo', ['en', 'es']],
  ]);
  const tokens = await Promise.all(
    people.map(async ([id, name, editions]) => {
      const answer = await fetch(`http://127.0.0.1:${inner}/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name, role: 'editor', ...(editions && { editions }) }),
      });
      return [id, (await answer.json()).token];
    }),
  );
  return Object.fromEntries(tokens);
}

/**
 * A proxy in front of Flashwire: serves the page of the demo, and allows everything else in a frame of that page.
 * @param {number} inner
 * @param {Readonly<Record<string, string>>} keys
 * @param {Readonly<Record<string, () => Promise<void>>>} directions what the page can make the demo do
 */
async function serve(inner, keys, directions) {
  /** @type {Readonly<Record<string, string>>} */
  const types = {
    '.html': 'text/html; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
  };
  const server = createServer(async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    if (path === '/demo/stage.json') return response.end(JSON.stringify({ keys }));
    const direct = request.method === 'POST' ? directions[path] : undefined;
    if (direct)
      return direct().then(
        () => response.writeHead(204).end(),
        (error) => response.writeHead(500).end(error.message),
      );
    const name = path === '/demo' || path === '/' ? 'index.html' : /^\/demo\/([a-z]+\.(?:css|js))$/.exec(path)?.[1];
    if (name) {
      const text = await readFile(join(root, 'demo', name)).catch(() => null);
      return response.writeHead(text ? 200 : 404, { 'content-type': types[extname(name)] ?? '' }).end(text);
    }
    return pass(request, response, inner);
  });
  server.on('upgrade', (request, socket, head) => {
    const upstream = connect(inner, '127.0.0.1', () => {
      const headers = request.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
      upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers}\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    const end = () => {
      socket.destroy();
      upstream.destroy();
    };
    socket.on('error', end);
    upstream.on('error', end);
  });
  await new Promise((listening, refused) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      refused(
        error.code === 'EADDRINUSE'
          ? new Stop(`PORT: ${port} is in use by another process; set PORT to a free one`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', () => listening(undefined));
  });
  undo.push(async () => {
    server.close();
    server.closeAllConnections();
  });
}

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {number} inner
 */
function pass(request, response, inner) {
  const onward = ask(
    { port: inner, host: '127.0.0.1', method: request.method, path: request.url, headers: request.headers },
    (answer) => {
      const { 'x-frame-options': _, 'content-security-policy': policy, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, {
        ...headers,
        ...(policy && {
          'content-security-policy': String(policy).replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
        }),
      });
      answer.pipe(response);
    },
  );
  onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  request.pipe(onward);
}

/** kill -9. */
async function killRedis() {
  if (redis === null || hasEnded(redis)) return;
  const ended = once(redis, 'exit');
  redis.kill('SIGKILL');
  await ended;
}

/**
 * Starts Redis again on the same port with the data on the disk, unless it runs. Resolves once it answers.
 * @param {() => Promise<unknown>} start
 */
async function restartRedis(start) {
  if (!restart && redis && hasEnded(redis))
    restart = start().finally(() => {
      restart = null;
    });
  await restart;
}

/** @param {string} url */
function openBrowser(url) {
  if (process.env.FLASHWIRE_DEMO_OPEN === 'never' || !process.stdout.isTTY) return;
  /** @type {Readonly<Record<string, string>>} */
  const openers = { darwin: 'open', win32: 'explorer' };
  const opener = openers[process.platform] ?? 'xdg-open';
  spawn(opener, [url], { stdio: 'ignore', detached: true }).once('error', () => say(`open ${url} in a browser`));
}

/**
 * Plays the demo in a headless Chromium.
 * @param {string} url
 * @param {string} folder
 */
async function takeStills(url, folder) {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox'],
    // This process stops what it has started, the browser first.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  undo.push(() => browser.close());
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    /** @type {Promise<never>} */
    const fault = new Promise((_, reject) => {
      page.on('pageerror', (error) => reject(new Stop(`the demo failed: ${error.message}`)));
    });
    await Promise.race([fault, playThrough(page, url, folder)]);
  } finally {
    await browser.close();
  }
  await stop(0);
}

/**
 * Takes a picture at each pause of the demo (a flash before it goes out, the proof of a retraction, the minute without Redis), and
 * checks the end.
 * @param {import('playwright-core').Page} page
 * @param {string} url
 * @param {string} folder
 */
async function playThrough(page, url, folder) {
  /** @param {string} name */
  const take = async (name) => {
    await page.screenshot({ path: join(folder, `demo-${name}.png`) });
    say(`took ${name}`);
  };
  await page.exposeFunction('takeStill', async (/** @type {string} */ name, /** @type {string} */ selector) => {
    await page.frameLocator('iframe').locator(selector).first().waitFor();
    await pause(600); // until animations end
    await take(name);
  });
  await page.goto(url);
  await page.waitForFunction(() => document.documentElement.dataset['act'] === 'over', undefined, { timeout: dayMs });
  await take('over');
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll('breaking-ticker')].map((ticker) => ticker.shadowRoot?.textContent ?? '').join(' '),
  );
  const wrong = [...atTheEnd.filter((line) => !shown.includes(line)), ...gone.filter((line) => shown.includes(line))];
  if (wrong.length > 0) throw new Stop(`the demo failed: ${wrong.join('; ')}`);
}

/** @param {number} code */
async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  for (const step of undo.reverse()) await step();
  process.exit(code);
}
