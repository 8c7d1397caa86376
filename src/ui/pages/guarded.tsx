import { Component, type ComponentChildren } from 'preact';
import { report } from '../../client/report.ts';
import { lineOf, type PublicItem } from '../../item/item.ts';
import { kindOf } from '../news/line.tsx';

interface GuardedProps {
  readonly item: PublicItem;
  /** The element of the line. */
  readonly as: 'li' | 'article';
  readonly children: ComponentChildren;
}

interface GuardedState {
  readonly failed: PublicItem | null;
}

/**
 * One item of a page. When drawing it fails, the page shows its plain text until its next version; other items are not
 * affected.
 */
export class Guarded extends Component<GuardedProps, GuardedState> {
  override state: GuardedState = { failed: null };

  override componentDidCatch(error: unknown): void {
    this.setState({ failed: this.props.item });
    report(error);
  }

  override render({ item, as: Item, children }: GuardedProps, { failed }: GuardedState) {
    if (failed !== item) return children;
    return (
      <Item id={item.id} class={`entry ${kindOf(item)}`} lang={item.language} dir={item.dir}>
        <p class="line">{item.status === 'usable' ? lineOf(item) : item.notice}</p>
      </Item>
    );
  }
}
