import type { ItemState } from '../../../item/lifecycle.ts';
import type { Shortcut } from '../page/shortcuts.ts';
import { type DeskItem, isHeld } from '../remote/desk-item.ts';
import type { Verbs } from '../words/words.ts';

export type Action = 'correct' | 'hide' | 'show' | 'retract' | 'publish' | 'cancel' | 'attach' | 'translate';

export function isOut(state: ItemState): boolean {
  return state === 'published' || state === 'withheld';
}

/** The actions that the API accepts in this state. A reporter edits and cancels drafts only. */
export function actionsOf(item: DeskItem, mayPublish: boolean): readonly Action[] {
  const { state } = item;
  if (!mayPublish) return state === 'draft' ? ['correct', 'cancel'] : [];
  switch (state) {
    case 'published':
      return isHeld(item, Date.now())
        ? ['cancel', 'hide', 'retract']
        : ['correct', 'hide', 'retract', 'attach', 'translate'];
    case 'withheld':
      return ['show', 'retract'];
    case 'draft':
      return ['publish', 'correct', 'cancel'];
    case 'held':
    case 'scheduled':
    case 'queued':
      return ['correct', 'hide', 'cancel'];
    case 'expired':
      return ['retract'];
    case 'retracted':
    case 'cancelled':
      return [];
  }
}

export function isAsked(shortcut: Shortcut, action: Action): boolean {
  return action === shortcut || (shortcut === 'hide' && action === 'show');
}

export function actionWords(verbs: Verbs, action: Action, { state }: Pick<DeskItem, 'state'>): string {
  return action === 'correct' && !isOut(state) ? verbs.edit : verbs[action];
}
