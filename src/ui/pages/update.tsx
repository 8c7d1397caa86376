import type { PublicItem } from '../../item/item.ts';
import { kindOf, type LineStyle, Note, Words } from '../news/line.tsx';
import { More } from '../news/more.tsx';
import { itemPath } from '../news/paths.ts';
import type { Strings } from '../strings/strings.ts';
import { Dateline } from './dateline.tsx';
import { filedUnder, type Labels } from './model.ts';
import { ShareButton } from './share-button.tsx';

interface UpdateProps {
  readonly item: PublicItem;
  readonly style: LineStyle;
  readonly strings: Strings<'pages'>;
  readonly labels: Labels;
  /** True until the reader has seen it. */
  readonly isNew?: boolean;
}

/** One update of a live page. Its anchor is the item's id, so a link to it survives every correction. */
export function Update({ item, style, strings, labels, isNew = false }: UpdateProps) {
  return (
    <li id={item.id} class={`entry ${kindOf(item)}${isNew ? ' new' : ''}`} lang={item.language} dir={item.dir}>
      <Dateline item={item} style={style} {...(isNew && { mark: strings.fresh })} />
      <Words item={item} />
      <Note item={item} />
      <More item={item} />
      {item.status === 'usable' && (
        <div class="foot">
          <Filed item={item} labels={labels} />
          <span class="tools">
            <a class="permalink" href={itemPath(item)} aria-label={`${strings.permalink}: ${item.headline}`}>
              {strings.link}
            </a>
            <ShareButton path={itemPath(item)} title={item.headline} strings={strings} />
          </span>
        </div>
      )}
    </li>
  );
}

export function Filed({ item, labels }: { readonly item: PublicItem; readonly labels: Labels }) {
  const places = item.status === 'usable' ? filedUnder(item, labels) : [];
  return (
    <span class="filed">
      {places.map(({ label, path }) => (
        <a key={path} href={path}>
          <bdi dir={item.dir}>{label}</bdi>
        </a>
      ))}
    </span>
  );
}
