import { useEffect, useRef, useState } from 'preact/hooks';
import { lineOf } from '../../../item/item.ts';
import type { FormStore } from '../browser/form-store.ts';
import type { Items } from '../browser/live.ts';
import { composerFieldsOf } from '../composer/composer-fields.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import type { Problem } from '../remote/desk-api.ts';
import { type DeskItem, isChangeWaiting, isUndoable } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';

/** A line of this editor that was stopped, and who stopped it. Its text returns to the desk. */
export interface Returned {
  readonly item: Pick<DeskItem, 'id' | 'body'>;
  readonly by: string;
  /** This editor has stopped it. */
  readonly isOwn: boolean;
}

export interface HeldLines {
  readonly held: readonly DeskItem[];
  /** What happened last, for the editor. */
  readonly said: string;
  readonly returned: readonly Returned[];
  undo(item: DeskItem): Promise<void>;
  /** Stops this editor's own newest held line, if there is one. */
  undoOwn(): void;
  /** This editor's line was accepted, and is held now. */
  accepted(item: Pick<DeskItem, 'id' | 'body'>): void;
  /** The first of `returned` has its place. */
  taken(): void;
}

/** A line of this editor that is held; `publishedVersion` if it corrects one that is out. */
type Sent = Pick<DeskItem, 'id' | 'body'> & Partial<Pick<DeskItem, 'publishedVersion'>>;

/** Keeps the texts of a correction that was stopped in the form of its row, unless that form holds other text. */
function useKeptCorrection(forms: FormStore) {
  const edition = useEdition();
  return ({ id, body }: Sent, version: number) => {
    if (forms.get(id)) return;
    const { correction } = body;
    const values = composerFieldsOf({ body }, edition);
    const texts = { values, kind: correction?.kind ?? 'attach', note: correction?.note ?? '', isStopped: false };
    forms.keep(id, { form: correction ? 'correct' : 'attach', version, isOpen: false, texts });
  };
}

/** The lines that are about to go out or that STOP holds, and what happens to those of this editor. */
export function useHeldLines(list: Items, forms: FormStore): HeldLines {
  const { api, who, stopped } = useDesk();
  const keepCorrection = useKeptCorrection(forms);
  const { words, say } = useWords();
  const [said, setSaid] = useState('');
  const [returned, setReturned] = useState<readonly Returned[]>([]);
  const own = useRef(new Map<string, Sent>());
  const now = Date.now() + list.clockOffset;
  const held = list.items.filter((item) => isUndoable(item, now, stopped !== null));
  const isOwn = (item: DeskItem) => item.byKeyId === who.keyId;
  const give = (one: Returned) => setReturned((all) => [...all, one]);
  useEffect(() => {
    for (const item of list.items) {
      const mine = own.current.get(item.id);
      if (isOwn(item) && held.includes(item)) own.current.set(item.id, item);
      else if (mine && !(isOwn(item) && item.state === 'held')) {
        own.current.delete(item.id);
        if (isOwn(item) || item.publishedVersion === item.version) continue;
        setSaid(say(words.held.stoppedBy, { name: item.by, line: lineOf(mine.body) }));
        if (item.state === 'cancelled') give({ item: mine, by: item.by, isOwn: false });
        else if (mine.publishedVersion && !isChangeWaiting(item)) keepCorrection(mine, item.version);
      }
    }
  }, [list.items]);
  /** Why a line could not be stopped: it is out, or somebody has stopped it before. */
  const whyNot = async (item: DeskItem, { status, title }: Problem) => {
    if (status === 0) return words.problem.noAnswer;
    const read = [409, 412].includes(status) ? await api.item(item.id) : null;
    const newest = read?.type === 'ok' ? read.value : null;
    if (!newest) return title;
    return (newest.publishedVersion ?? 0) >= item.version
      ? words.held.tooLate
      : say(words.held.stoppedBefore, { name: newest.by });
  };
  const undo = async (item: DeskItem) => {
    const answer = await api.cancel(item.id, item.version);
    list.refresh();
    if (answer.type === 'problem') return setSaid(await whyNot(item, answer.problem));
    if (isOwn(item) && item.publishedVersion === null) give({ item, by: who.name, isOwn: true });
    else if (isOwn(item)) keepCorrection(item, answer.value.version ?? item.version + 1);
    setSaid(say(words.held.undone, { line: lineOf(item.body) }));
  };
  return {
    held,
    said,
    returned,
    undo,
    undoOwn: () => {
      const newest = newestOwn(held, who.keyId);
      if (newest) void undo(newest);
    },
    accepted: (item) => own.current.set(item.id, item),
    taken: () => setReturned((all) => all.slice(1)),
  };
}

/** The held line that Escape in an empty box stops. */
export function newestOwn(held: readonly DeskItem[], keyId: string): DeskItem | null {
  return held.filter((item) => item.byKeyId === keyId).sort((a, b) => b.updatedAt - a.updatedAt)[0] ?? null;
}
