import type { SiteEdition } from '../../../item/site.ts';
import { useDesk } from '../desk-context.ts';

/** Colours that page.css has. They are none of those of urgencies, warnings and the rehearsal. */
const tints = 6;

/** The number of the edition's colour: its place in the configuration, so that every desk shows the same one. */
export function tintOf(editions: readonly SiteEdition[], { id }: Pick<SiteEdition, 'id'>): number {
  return (
    Math.max(
      0,
      editions.findIndex((edition) => edition.id === id),
    ) % tints
  );
}

/** The name of the edition that a line goes to, in the edition's colour. */
export function EditionMark({ edition }: { readonly edition: SiteEdition }) {
  const { site } = useDesk();
  return (
    <strong class="edition-mark" data-tint={tintOf(site.editions, edition)} lang={edition.language} dir={edition.dir}>
      {edition.name}
    </strong>
  );
}
