import { type Group, stringsOf } from '../strings/strings.ts';
import { html, jsonBlock, type Markup } from './html.ts';

/** The texts that the page's script needs, by language tag: `page-strings.ts` reads them. */
export function stringsBlock(groupsOf: Readonly<Record<string, readonly Group[]>>): Markup {
  const languages = Object.entries(groupsOf).map(([tag, groups]) => {
    const { language, dir } = stringsOf('ticker', tag);
    const texts = groups.map((group) => {
      const { language, dir, ...rest } = stringsOf(group, tag);
      return [group, rest];
    });
    return { language, dir, ...Object.fromEntries(texts) };
  });
  return html`<script type="application/json" id="strings">${jsonBlock(languages)}</script>`;
}
