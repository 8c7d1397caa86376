import { lineOf } from '../../../item/item.ts';
import { useEdition } from '../desk-context.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { tested, useWords } from '../words/words.ts';

interface ConflictProps {
  /** The item as another editor has changed it in the meantime. */
  readonly theirs: DeskItem;
  readonly mine: string;
  onTakeTheirs(): void;
  onSendMine(): void;
}

/**
 * Two editors have changed one line. Both versions are shown side by side, and the editor decides. Being later is no reason
 * to win.
 */
export function Conflict({ theirs, mine, onTakeTheirs, onSendMine }: ConflictProps) {
  const { words, isTest, say } = useWords();
  const { language, dir } = useEdition();
  return (
    <div class="conflict" role="alert">
      <p>
        <strong>{say(words.conflict.title, { name: theirs.by, version: theirs.version })}</strong>
      </p>
      <div class="sides">
        <section>
          <h3>{words.conflict.theirs}</h3>
          <p class="text" lang={language} dir={dir}>
            <bdi>{lineOf(theirs.body)}</bdi>
          </p>
          <button type="button" onClick={onTakeTheirs}>
            {tested(words.conflict.takeTheirs, isTest)}
          </button>
        </section>
        <section>
          <h3>{words.conflict.mine}</h3>
          <p class="text" lang={language} dir={dir}>
            <bdi>{mine}</bdi>
          </p>
          <button type="button" onClick={onSendMine}>
            {tested(words.conflict.sendMine, isTest)}
          </button>
        </section>
      </div>
    </div>
  );
}
