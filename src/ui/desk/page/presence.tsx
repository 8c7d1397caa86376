import { usePresence } from '../browser/live.ts';
import { useDesk } from '../desk-context.ts';
import { useWords } from '../words/words.ts';

/** The other editors who have the desk of this edition open. */
export function Presence({ edition }: { readonly edition: string }) {
  const { feed, who } = useDesk();
  const { words } = useWords();
  const others = [...new Set(usePresence(feed, edition).map(({ name }) => name))].filter((name) => name !== who.name);
  if (others.length === 0) return null;
  return (
    <p class="presence">
      {words.presence}{' '}
      {others.map((name) => (
        <bdi key={name}>{name}</bdi>
      ))}
    </p>
  );
}
