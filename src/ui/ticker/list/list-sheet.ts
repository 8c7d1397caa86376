import { complain } from '../mistakes.ts';

/** The script of the list defines this element, which no page uses. */
export const listName = 'breaking-ticker-list';

/** The list's script is late after this long. */
const lateMs = 5_000;

/** Adds the style sheet of the list once its script is there. Without it the ticker is an open one in the style of the banner. */
export async function dressAsList(root: ShadowRoot): Promise<void> {
  setTimeout(
    () => customElements.get(listName) || complain('variant="list" needs the script ticker-list.js too'),
    lateMs,
  );
  const { sheet } = (await customElements.whenDefined(listName)) as unknown as { readonly sheet: CSSStyleSheet };
  root.adoptedStyleSheets = [...new Set([...root.adoptedStyleSheets, sheet])];
}
