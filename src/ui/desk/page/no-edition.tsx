import { deskPath } from '../browser/edition-address.ts';
import { useDesk } from '../desk-context.ts';
import { useWords } from '../words/words.ts';

/** In place of the desk where the address names an edition that does not exist, or that the key is not for: both look alike. */
export function NoEdition({ id }: { readonly id: string }) {
  const { editions } = useDesk();
  const { words, say } = useWords();
  return (
    <section class="no-edition card">
      <h2>{say(words.noEdition.title, { edition: id })}</h2>
      <p>{words.noEdition.hint}</p>
      <ul>
        {editions.map((edition) => (
          <li key={edition.id}>
            <a href={deskPath(edition.id)} lang={edition.language}>
              {edition.name}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
