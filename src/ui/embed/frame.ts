/**
 * The script of /embed/<edition>, the ticker for iframes. It gives the ticker what the address asks for, tells the page
 * around it its height, and opens links outside of the frame. A sandboxed frame has no origin and no storage: none is used.
 */
import { frameParameters } from './frame-address.ts';

const page = document.documentElement;
const query = new URLSearchParams(location.search);
const ticker = document.querySelector('breaking-ticker');
const language = query.get('lang') ?? '';
// It becomes a part of the address of the texts, and must not lead to another file.
if (/^[a-z\d-]+$/i.test(language)) {
  page.lang = language;
  ticker?.removeAttribute('strings'); // its texts are those of the edition's language
} else query.delete('lang');
for (const name of frameParameters) {
  const value = query.get(name);
  if (value) ticker?.setAttribute(name, value);
}
// A frame does not know the colours of the page. Without a colour scheme of the page, `auto` is that of the reader's system.
const theme = query.get('theme') || 'light';
ticker?.setAttribute('theme', theme);
page.style.colorScheme = { dark: 'dark', auto: 'light dark' }[theme] ?? 'light';

/** WordPress gives each frame a secret, after which it takes orders from it (wp-includes/js/wp-embed.js). */
function secretOf({ hash }: Location): string | undefined {
  return /[?&]secret=([A-Za-z0-9]+)/.exec(hash)?.[1];
}

function tellWordPress(message: 'height' | 'link', value: number | string): void {
  const secret = secretOf(location);
  if (secret !== undefined) parent.postMessage({ message, value, secret }, '*');
}

let height = -1;
function tellHeight(): void {
  height = Math.ceil(page.getBoundingClientRect().height);
  parent.postMessage({ type: 'flashwire:height', height }, '*');
  tellWordPress('height', height);
}

/** WordPress navigates to addresses of this host only: a link to another one leads to the line's own page here. */
function hereOf(link: HTMLAnchorElement, path: readonly EventTarget[]): string {
  const line = path.find((target): target is HTMLElement => target instanceof HTMLElement && 'id' in target.dataset);
  const id = line?.dataset['id'];
  return link.host === location.host || id === undefined ? link.href : new URL(`/item/${id}`, location.href).href;
}

function open(url: string): void {
  try {
    if (top) top.location.href = url;
  } catch {
    // The sandbox forbids to leave the page. A new window needs a right too, but another one.
    globalThis.open(url, '_blank', 'noopener');
  }
}

// In an iframe it is a part of another page, whose landmarks and headings are not ours to add to.
if (parent === globalThis.window) {
  const whole = document.querySelector('#alone');
  whole?.setAttribute('role', 'main');
  whole?.querySelector('h1')?.removeAttribute('hidden');
} else {
  new ResizeObserver(() => {
    if (Math.ceil(page.getBoundingClientRect().height) !== height) tellHeight();
  }).observe(page);
  addEventListener('message', ({ source, data }) => {
    if (source === parent && data?.message === 'ready' && data.secret === secretOf(location)) tellHeight();
  });
  document.addEventListener('click', (event) => {
    const path = event.composedPath();
    const link = path.find((target): target is HTMLAnchorElement => target instanceof HTMLAnchorElement);
    if (!link?.href || event.defaultPrevented) return;
    if (event.button !== 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (secretOf(location) === undefined) open(link.href);
    else tellWordPress('link', hereOf(link, path));
  });
}
