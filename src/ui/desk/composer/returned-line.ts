import { useEffect } from 'preact/hooks';
import { focusBox } from '../browser/focus.ts';
import { useEdition } from '../desk-context.ts';
import type { Returned } from '../page/held-lines.ts';
import type { ItemFields } from '../remote/desk-item.ts';
import type { Sending } from '../remote/outbox.ts';
import type { Outbox } from '../remote/use-outbox.ts';
import { composerFieldsOf, fieldsOf, sourcesOf } from './composer-fields.ts';

interface Returning {
  /** A line of this editor that was stopped. */
  readonly returned: Returned | null;
  readonly outbox: Outbox;
  onTaken(): void;
  /** Returns fields to the box; false when the box holds text. */
  giveBack(fields: ItemFields): boolean;
}

/**
 * Takes the text of each stopped line once: to the box if this editor has stopped it and the box is empty, otherwise to the
 * unsent lines. Returns what brings a line from there to the box.
 */
export function useReturned({ returned, outbox, onTaken, giveBack }: Returning): (sending: Sending) => void {
  const edition = useEdition();
  useEffect(() => {
    if (!returned) return;
    const { item, by, isOwn } = returned;
    const fields = fieldsOf(composerFieldsOf(item, edition), edition, sourcesOf(item));
    const at = Date.now();
    if (isOwn && giveBack(fields)) focusBox();
    else
      outbox.keepStopped({
        key: `stopped-${item.id}`,
        fields,
        asDraft: false,
        at,
        firstAt: at,
        gaveUpAt: at,
        stoppedBy: by,
      });
    onTaken();
  }, [returned]);
  return (sending) => {
    if (giveBack(sending.fields)) outbox.discard(sending);
    focusBox();
  };
}
