/** The options of an embedded ticker. */
export interface EmbedOptions {
  readonly edition: string;
  readonly section: string;
  readonly region: string;
  readonly topic: string;
  readonly limit: string;
  readonly open: boolean;
  readonly theme: ThemeName;
  readonly pinned: boolean;
}

export type ThemeName = 'plain' | 'channel' | 'broadsheet';

/** Examples of custom properties. examples/themes has them with parts, as style sheets. */
export const themes: Readonly<Record<ThemeName, Readonly<Record<string, string>>>> = {
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

export interface EmbedSite {
  /** The address of this server. */
  readonly origin: string;
  readonly script: { readonly file: string; readonly integrity: string };
}

/** The attributes of the tag, without default values. */
export function attributesOf(options: EmbedOptions): readonly (readonly [name: string, value: string])[] {
  const { edition, section, region, topic, limit, open } = options;
  const all = [
    ['edition', edition],
    ['section', section],
    ['region', region],
    ['topic', topic.trim()],
    ['limit', limit === '10' ? '' : limit],
  ] as const;
  const attributes = all.filter(([, value]) => value !== '');
  return open ? [...attributes, ['open', '']] : attributes;
}

/** The snippet for a page: script, theme, tag, and a link for browsers without script. */
export function snippetOf(options: EmbedOptions, { origin, script }: EmbedSite, live: string): string {
  const source = options.pinned
    ? `src="${origin}/${script.file}" integrity="${script.integrity}" crossorigin`
    : `src="${origin}/ticker.js"`;
  const properties = Object.entries(themes[options.theme]);
  const style = properties.map(([name, value]) => `  ${name}: ${value};\n`).join('');
  const tag = attributesOf(options)
    .map(([name, value]) => (value === '' ? name : `${name}="${escapeAttribute(value)}"`))
    .join(' ');
  return [
    `<script type="module" ${source}></script>`,
    ...(properties.length > 0 ? [`<style>\nbreaking-ticker {\n${style}}\n</style>`] : []),
    `<breaking-ticker ${tag}><a href="${origin}/live/${encodeURIComponent(options.edition)}">${live}</a></breaking-ticker>`,
  ].join('\n');
}

function escapeAttribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
