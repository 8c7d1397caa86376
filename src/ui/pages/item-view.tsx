import type { PublicItem } from '../../item/item.ts';
import { About, kindOf, type LineStyle, Note, Words } from '../news/line.tsx';
import { More } from '../news/more.tsx';
import { itemPath, livePath } from '../news/paths.ts';
import { fullTime } from '../news/time-text.ts';
import { type Strings, stringsOf } from '../strings/strings.ts';
import { Guarded } from './guarded.tsx';
import { lineStyleOf, type NewsModel } from './model.ts';
import type { NewsView } from './news-store.ts';
import { ShareButton } from './share-button.tsx';
import { Filed } from './update.tsx';

/** The permanent page of one item: its newest version, or its tombstone. */
export function ItemView({ model, view }: { readonly model: NewsModel; readonly view: NewsView }) {
  const strings = stringsOf('pages', model.edition.language);
  const style = lineStyleOf(model.edition, view.now);
  const [item] = view.items;
  if (!item) return null;
  return (
    <Guarded item={item} as="article">
      <Article item={item} style={style} strings={strings} model={model} />
    </Guarded>
  );
}

interface ArticleProps {
  readonly item: PublicItem;
  readonly style: LineStyle;
  readonly strings: Strings<'pages'>;
  readonly model: NewsModel;
}

function Article({ item, style, strings, model: { edition, labels } }: ArticleProps) {
  return (
    <article class={`item ${kindOf(item)}`} lang={item.language} dir={item.dir}>
      {item.status === 'usable' ? (
        <>
          <About item={item} style={style} />
          <Words item={item} as="h1" />
          <Note item={item} />
          <More item={item} />
          <Dates item={item} style={style} strings={strings} />
          {item.replaces && (
            <p class="replaces">
              <a href={itemPath({ id: item.replaces })}>{strings.replacesAnother}</a>
            </p>
          )}
          <div class="foot">
            <Filed item={item} labels={labels} />
            <span class="tools">
              <ShareButton path={itemPath(item)} title={item.headline} strings={strings} />
            </span>
          </div>
        </>
      ) : (
        <>
          <h1>{item.status === 'retracted' ? strings.withdrawnTitle : strings.goneTitle}</h1>
          <Words item={item} />
        </>
      )}
      <p class="onward">
        <a href={livePath(edition.id)}>{strings.allUpdates}</a>
      </p>
    </article>
  );
}

function Dates({
  item,
  style,
  strings,
}: {
  readonly item: Extract<PublicItem, { status: 'usable' }>;
  readonly style: LineStyle;
  readonly strings: Strings<'pages'>;
}) {
  const rows = [
    [strings.published, item.publishedAt],
    ...(item.version > 1 ? [[strings.updated, item.updatedAt] as const] : []),
  ] as const;
  return (
    <dl lang={style.strings.language} dir={style.strings.dir}>
      {rows.map(([name, at]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <time dateTime={at}>{fullTime(Date.parse(at), style.time)}</time>
          </dd>
        </div>
      ))}
    </dl>
  );
}
