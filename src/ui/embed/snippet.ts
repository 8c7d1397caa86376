import { frameAddress, frameHeights, frameSandbox } from './frame-address.ts';

/** The options of an embedded ticker. */
export interface EmbedOptions {
  readonly edition: string;
  readonly section: string;
  readonly region: string;
  readonly topic: string;
  readonly limit: string;
  readonly variant: Variant;
  readonly theme: Theme;
  readonly look: LookName;
  readonly open: boolean;
  readonly reserve: boolean;
  readonly pinned: boolean;
}

export const variants = ['banner', 'card', 'list'] as const;
type Variant = (typeof variants)[number];
export const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];
export type LookName = 'plain' | 'channel' | 'broadsheet';

/** Examples of custom properties. examples/themes has them with parts, as style sheets. */
export const looks: Readonly<Record<LookName, Readonly<Record<string, string>>>> = {
  plain: {},
  channel: {
    'color-scheme': 'dark',
    '--flashwire-paper': '#0c2340',
    '--flashwire-ink': '#ffffff',
    '--flashwire-quiet': '#c3cede',
    '--flashwire-rule': '#28466f',
    '--flashwire-accent': '#c4122f',
    '--flashwire-alert': '#ff9aa5',
    '--flashwire-radius': '0',
  },
  broadsheet: {
    'color-scheme': 'light',
    '--flashwire-paper': '#fbf6ea',
    '--flashwire-ink': '#1d1a14',
    '--flashwire-quiet': '#5d5546',
    '--flashwire-rule': '#d8cdb4',
    '--flashwire-accent': '#1d1a14',
    '--flashwire-alert': '#8c1c13',
    '--flashwire-font': 'Georgia, "Noto Serif", "Noto Naskh Arabic", serif',
    '--flashwire-radius': '0',
  },
};

/** A file that keeps its bytes, with the hash of them. */
export interface PinnedScript {
  readonly file: string;
  readonly integrity: string;
}

export interface EmbedSite {
  /** The address of this server. */
  readonly origin: string;
  readonly script: PinnedScript & { readonly list: PinnedScript };
  /** False: only listed sites may show the ticker. There is no oEmbed, and a frame needs an origin to read the feed. */
  readonly offersOEmbed: boolean;
}

/** The words of a snippet, in the language of its edition. */
export interface SnippetWords {
  readonly title: string;
}

/** The attributes of the tag, without default values. */
export function attributesOf(options: EmbedOptions): readonly (readonly [name: string, value: string])[] {
  const { edition, open, reserve, ...rest } = options;
  const all = [
    ['edition', edition],
    ...Object.entries(chosenOf(rest)),
    ...(open ? [['open', '']] : []),
    ...(reserve ? [['reserve', '']] : []),
  ];
  return all.map(([name = '', value = '']) => [name, value] as const);
}

/** What a tag or an address asks for besides the edition, without default values. */
function chosenOf(options: Omit<EmbedOptions, 'edition' | 'open' | 'reserve'>): Readonly<Record<string, string>> {
  const { section, region, topic, limit, variant, theme } = options;
  const all = {
    section,
    region,
    topic: topic.trim(),
    limit: limit === '10' ? '' : limit,
    variant: variant === 'banner' ? '' : variant,
    theme: theme === 'auto' ? '' : theme,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** The script of the ticker, and that of its list where the list is shown. */
function scriptTag({ pinned, variant }: EmbedOptions, { origin, script }: EmbedSite, more = ''): string {
  const tagOf = (name: string, { file, integrity }: PinnedScript) => {
    const source = pinned
      ? `src="${origin}/${file}" integrity="${integrity}" crossorigin${more === '' ? '' : '="anonymous"'}`
      : `src="${origin}/${name}.js"`;
    return `<script type="module"${more} ${source}></script>`;
  };
  return [tagOf('ticker', script), ...(variant === 'list' ? [tagOf('ticker-list', script.list)] : [])].join('\n');
}

function tickerTag(options: EmbedOptions, { origin }: EmbedSite, { title }: SnippetWords): string {
  const tag = attributesOf(options)
    .map(([name, value]) => (value === '' ? name : `${name}="${escapeAttribute(value)}"`))
    .join(' ');
  return `<breaking-ticker ${tag}><a href="${origin}${liveOf(options)}">${title}</a></breaking-ticker>`;
}

/** The rule of the colours, and of the place that is there before the script comes. Empty where there is neither. */
export function styleOf({ look, reserve, variant }: EmbedOptions): string {
  const place = { display: 'block', 'min-height': variant === 'card' ? '360px' : 'max(15vw, 470px - 25vw)' };
  const rule = { ...(reserve && place), ...looks[look] };
  const properties = Object.entries(rule).map(([name, value]) => `  ${name}: ${value};\n`);
  return properties.length === 0 ? '' : `breaking-ticker {\n${properties.join('')}}`;
}

/** The lines for a page: script, look, tag, and a link for browsers without script. */
export function snippetOf(options: EmbedOptions, site: EmbedSite, words: SnippetWords): string {
  const style = styleOf(options);
  return [
    scriptTag(options, site),
    ...(style === '' ? [] : [`<style>\n${style}\n</style>`]),
    tickerTag(options, site, words),
  ].join('\n');
}

/** The iframe for a page that takes no script, with a fixed height. */
export function iframeOf(options: EmbedOptions, { origin, offersOEmbed }: EmbedSite, { title }: SnippetWords): string {
  const address = frameAddress(origin, options.edition, chosenOf(options));
  return `<iframe src="${escapeAttribute(address)}" title="${escapeAttribute(title)}"
  width="100%" height="${frameHeights[options.variant]}" style="border: 0" loading="lazy"
  sandbox="${frameSandbox}${offersOEmbed ? '' : ' allow-same-origin'}"></iframe>`;
}

/** Gives each iframe of the page the height of its ticker. A sandboxed frame has the origin `null`, so that its window tells who it is. */
export function frameScriptOf({ origin }: Pick<EmbedSite, 'origin'>): string {
  return `<script>
  addEventListener('message', ({ source, origin, data }) => {
    if (data?.type !== 'flashwire:height' || !['null', '${origin}'].includes(origin)) return;
    for (const frame of document.querySelectorAll('iframe[src^="${origin}/embed/"]'))
      if (frame.contentWindow === source) frame.style.height = data.height + 'px';
  });
</script>`;
}

/** What to paste on a line of its own in WordPress: the live page, or the page for iframes where more is chosen. */
export function pastedOf(options: EmbedOptions, { origin }: EmbedSite): string {
  const chosen = chosenOf(options);
  return Object.keys(chosen).length === 0 ? origin + liveOf(options) : frameAddress(origin, options.edition, chosen);
}

/** A component of React 19, which puts the script into the head once. */
export function reactOf(options: EmbedOptions, site: EmbedSite, words: SnippetWords): string {
  const script = scriptTag(options, site, ' async')
    .replaceAll('crossorigin=', 'crossOrigin=')
    .replaceAll('\n', '\n      ');
  return `export function BreakingTicker() {
  return (
    <>
      ${script}
      ${tickerTag(options, site, words).replaceAll(/(?<=\s)(open|reserve)(?=[\s>])/g, '$1=""')}
    </>
  );
}`;
}

/** TypeScript's declaration of the tag for React. */
export const reactTypes = `import type { DetailedHTMLProps, HTMLAttributes } from 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'breaking-ticker': DetailedHTMLProps<TickerAttributes, HTMLElement>;
    }
  }
}

${attributeTypes('HTMLAttributes<HTMLElement>')}`;

/** TypeScript's declaration of the tag for templates of Vue. */
export const vueTypes = `import type { HTMLAttributes, ReservedProps } from 'vue';

declare module 'vue' {
  interface GlobalComponents {
    'breaking-ticker': new () => HTMLElement & { $props: TickerAttributes & ReservedProps };
  }
}

${attributeTypes('HTMLAttributes')}`;

export const vueConfig = `vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'breaking-ticker' } } })`;

/** The script is for index.html, the tag for a template. */
export function vueOf(options: EmbedOptions, site: EmbedSite, words: SnippetWords): readonly [string, string] {
  return [scriptTag(options, site), `<template>\n  ${tickerTag(options, site, words)}\n</template>`];
}

function liveOf({ edition }: EmbedOptions): string {
  return `/live/${encodeURIComponent(edition)}`;
}

function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

function attributeTypes(base: string): string {
  return `interface TickerAttributes extends ${base} {
  edition: string;
  section?: string;
  region?: string;
  topic?: string;
  urgency?: string;
  limit?: number | string;
  variant?: 'banner' | 'card' | 'list';
  theme?: 'auto' | 'light' | 'dark';
  open?: boolean | '';
  reserve?: boolean | '';
}`;
}
