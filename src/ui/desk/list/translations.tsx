import type { DeskItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';

/** The original of an item and its translations, and which of them are out of date. */
export function Translations({ item }: { readonly item: DeskItem }) {
  const { words, say } = useWords();
  const { original, translations, body } = item;
  const from = body.translationOf;
  if (!from && translations.length === 0) return null;
  return (
    <p class="translations">
      {from && original && (
        <>
          <span>{say(words.translate.from, { edition: original.edition, version: from.version })}</span>
          {original.state === 'retracted' ? (
            <strong class="stale">{words.translate.originalGone}</strong>
          ) : (
            original.version > from.version && (
              <strong class="stale">{say(words.translate.stale, { version: original.version })}</strong>
            )
          )}
        </>
      )}
      {translations
        .filter(({ state }) => state !== 'cancelled')
        .map(({ id, edition, of, state }) =>
          of !== null && of < item.version && state !== 'retracted' ? (
            <strong key={id} class="stale">
              {say(words.translate.staleThere, { edition, version: of })}
            </strong>
          ) : (
            <span key={id}>{say(words.translate.of, { edition, version: of ?? 0 })}</span>
          ),
        )}
    </p>
  );
}
