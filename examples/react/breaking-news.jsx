import { lineOf } from 'flashwire-client';
import { useFeed } from './use-feed.js';

/** A list of breaking news. A withdrawn item shows its notice. */
export function BreakingNews({ url = 'http://127.0.0.1:8080', edition = 'en' }) {
  const { items, state } = useFeed(url, edition);
  return (
    <section aria-label="Breaking news" data-state={state}>
      <ol>
        {items.map((item) => (
          <li key={item.id} lang={item.language} dir={item.dir}>
            {item.status === 'usable' ? lineOf(item) : item.notice}
          </li>
        ))}
      </ol>
    </section>
  );
}
