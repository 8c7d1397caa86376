import { kindOf, Words } from '../news/line.tsx';
import { itemPath, livePath } from '../news/paths.ts';
import { stringsOf } from '../strings/strings.ts';
import { Dateline } from './dateline.tsx';
import { Guarded } from './guarded.tsx';
import { lineStyleOf, type NewsModel } from './model.ts';
import type { NewsView } from './news-store.ts';
import { StateWords } from './state-words.tsx';

const most = 6;

/** The newest items, beside the stories of the front page. */
export function Latest({ model, view }: { readonly model: NewsModel; readonly view: NewsView }) {
  const { edition } = model;
  const strings = stringsOf('pages', edition.language);
  const style = lineStyleOf(edition, view.now);
  return (
    <section class="latest" aria-labelledby="latest">
      <div class="head">
        <h2 id="latest">{strings.latest}</h2>
        <StateWords state={view.state} style={style} />
      </div>
      {view.items.length === 0 && <p class="none">{strings.noUpdates}</p>}
      <ol>
        {view.items.slice(0, most).map((item) => (
          <Guarded key={item.id} item={item} as="li">
            <li class={kindOf(item)} lang={item.language} dir={item.dir}>
              <Dateline item={item} style={style} />
              {item.status === 'usable' ? (
                <a class="whole" href={itemPath(item)}>
                  <Words item={item} linked={false} />
                </a>
              ) : (
                <Words item={item} />
              )}
            </li>
          </Guarded>
        ))}
      </ol>
      <p class="onward">
        <a href={livePath(edition.id)}>{strings.allUpdates}</a>
      </p>
    </section>
  );
}
