import type { UsableItem } from '../../../item/item.ts';
import type { SiteEdition } from '../../../item/site.ts';
import type { Labels } from '../../pages/model.ts';

/** What the desk sends to the preview's page. */
export interface PreviewMessage {
  readonly item: UsableItem;
  readonly edition: SiteEdition;
  readonly labels: Labels;
}

/** What the preview's page answers: its height, px. */
export interface PreviewHeight {
  readonly height: number;
}
