import type { ItemImage, ItemLink, ItemQuote, PublicItem } from '../../item/item.ts';
import { safeLink } from './line.tsx';

/** What an item has below its line, as text nodes only. */
export function More({ item }: { readonly item: PublicItem }) {
  if (item.status !== 'usable') return null;
  const { image, paragraphs = [], quote, links = [] } = item;
  return (
    <>
      {image && <Picture image={image} />}
      {paragraphs.map((paragraph, at) => (
        <p key={at} class="paragraph">
          {paragraph}
        </p>
      ))}
      {quote && <Quote quote={quote} />}
      {links.length > 0 && <Links links={links} />}
    </>
  );
}

/** From its own address: no server of ours has it. That server does not learn which page shows it. */
function Picture({ image: { url, alt, credit, width, height } }: { readonly image: ItemImage }) {
  const src = safeLink(url);
  return src === undefined ? null : (
    <figure class="picture">
      <img
        src={src}
        alt={alt}
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        referrerpolicy="no-referrer"
      />
      {credit && (
        <figcaption>
          <bdi>{credit}</bdi>
        </figcaption>
      )}
    </figure>
  );
}

function Quote({ quote: { text, by } }: { readonly quote: ItemQuote }) {
  return (
    <figure class="quote">
      <blockquote>{text}</blockquote>
      <figcaption>
        <bdi>{by}</bdi>
      </figcaption>
    </figure>
  );
}

function Links({ links }: { readonly links: readonly ItemLink[] }) {
  return (
    <ul class="links">
      {links.map(
        ({ text, url }) =>
          safeLink(url) && (
            <li key={`${url} ${text}`}>
              <a href={url}>
                <bdi>{text}</bdi>
              </a>
            </li>
          ),
      )}
    </ul>
  );
}
