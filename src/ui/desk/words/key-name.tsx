import { useWords } from './words.ts';

/** A key as it is named on keyboards of the page's language: `Ctrl+Enter` is `Ctrl+Intro` in Spanish. */
export function KeyName({ keys }: { readonly keys: string }) {
  const { words } = useWords();
  const names: Readonly<Record<string, string>> = words.keyNames;
  return <kbd dir="ltr">{keys.replace(/\p{L}+/gu, (name) => names[name] ?? name)}</kbd>;
}
