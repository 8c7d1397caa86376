import type { PublicItem, Tombstone, UsableItem } from '../../item/item.ts';
import type { Strings } from '../strings/strings.ts';
import { type TimeStyle, timeText } from './time-text.ts';

interface LineProps<Item> {
  readonly item: Item;
  readonly strings: Strings;
  readonly style: TimeStyle;
}

/** One place of the list: the item, or what is left of it. All text is text nodes. */
export function Line({ item, strings, style }: LineProps<PublicItem>) {
  return item.status === 'usable' ? (
    <UsableLine item={item} strings={strings} style={style} />
  ) : (
    <Notice item={item} strings={strings} style={style} />
  );
}

function UsableLine({ item, strings, style }: LineProps<UsableItem>) {
  const { correction } = item;
  return (
    <li class={`entry ${item.urgency}`} data-id={item.id} lang={item.language} dir={item.dir}>
      <p class="about">
        <span class="urgency" lang={strings.language} dir={strings.dir}>
          {strings.urgency[item.urgency]}
        </span>
        <Time at={item.publishedAt} style={style} />
        {correction?.kind === 'corrected' && (
          <span class="corrected" lang={strings.language} dir={strings.dir}>
            {strings.corrected}
          </span>
        )}
      </p>
      <LineText item={item} />
      {correction?.note && (
        <p class="note">
          <bdi lang={item.language} dir={item.dir}>
            {correction.note}
          </bdi>
        </p>
      )}
    </li>
  );
}

/** Reads exactly as `lineOf(item)`. The agency's name and the headline are isolates: neither turns the other round. */
function LineText({ item }: { readonly item: UsableItem }) {
  const { attribution, language, dir } = item;
  const headline = (
    <bdi class="headline" lang={language} dir={dir}>
      {item.headline}
    </bdi>
  );
  return (
    <p class="line">
      {attribution && (
        <bdi class="attribution" lang={language} dir={dir}>
          {attribution}
        </bdi>
      )}
      {attribution && ': '}
      {item.url?.startsWith('https://') ? <a href={item.url}>{headline}</a> : headline}
    </p>
  );
}

function Notice({ item, strings, style }: LineProps<Tombstone>) {
  return (
    <li class="entry withdrawn" data-id={item.id} lang={item.language} dir={item.dir}>
      <p class="about">
        <span class="urgency" lang={strings.language} dir={strings.dir}>
          {strings.withdrawn}
        </span>
        <Time at={item.updatedAt} style={style} />
      </p>
      {item.notice && (
        <p class="notice">
          <bdi lang={item.language} dir={item.dir}>
            {item.notice}
          </bdi>
        </p>
      )}
    </li>
  );
}

function Time({ at, style }: { readonly at: string; readonly style: TimeStyle }) {
  const text = timeText(Date.parse(at), Date.now(), style);
  return text === '' ? null : <time dateTime={at}>{text}</time>;
}
