import { type ItemAction, type ItemState, possibleActions } from '../../../item/lifecycle.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import type { Wording } from '../words/words.ts';

export type Action = 'correct' | 'hide' | 'show' | 'retract' | 'publish' | 'cancel' | 'attach' | 'translate';

export function isOut(state: ItemState): boolean {
  return state === 'published' || state === 'withheld';
}

/** The API action behind each button. A translation is an item of its own. */
const apiActions = {
  publish: 'publish-draft',
  correct: 'edit',
  attach: 'edit',
  hide: 'withhold',
  show: 'release',
  retract: 'retract',
  cancel: 'cancel',
  translate: null,
} as const satisfies Record<Action, ItemAction | null>;

/** The buttons of a row, in their order. */
const buttons: Readonly<Record<ItemState | 'heldCorrection', readonly Action[]>> = {
  draft: ['publish', 'correct', 'cancel'],
  held: ['correct', 'cancel'],
  scheduled: ['correct', 'hide', 'cancel'],
  queued: ['correct', 'hide', 'cancel'],
  published: ['correct', 'hide', 'retract', 'attach', 'translate'],
  heldCorrection: ['cancel', 'hide', 'retract'],
  withheld: ['show', 'retract'],
  expired: ['retract'],
  retracted: [],
  cancelled: [],
};

/** The buttons that an editor sees, without those that the API would refuse now. A reporter changes and cancels drafts only. */
export function actionsOf(item: DeskItem, mayPublish: boolean, canBeUndone: boolean): readonly Action[] {
  const { state, publishedVersion } = item;
  if (!mayPublish) return state === 'draft' ? ['correct', 'cancel'] : [];
  const hasHeldCorrection = state === 'published' && canBeUndone;
  const possible = possibleActions({ state, isOut: publishedVersion !== null, hasHeldCorrection });
  return buttons[hasHeldCorrection ? 'heldCorrection' : state].filter((action) => {
    const needed = apiActions[action];
    return needed === null || possible.includes(needed);
  });
}

/** True for an action that only opens a form. */
export function opensForm(action: Action): boolean {
  return ['correct', 'attach', 'translate', 'retract'].includes(action);
}

/** The label of a button. One that stops the line of another editor names that editor. */
export function actionWords(
  { verbs, say }: Wording,
  action: Action,
  item: DeskItem,
  { isOwn, canBeUndone }: { readonly isOwn: boolean; readonly canBeUndone: boolean },
): string {
  if (!isOwn && canBeUndone && action === 'cancel') return say(verbs.stopOf, { name: item.by });
  if (!isOwn && item.state === 'held' && action === 'correct') return say(verbs.editOf, { name: item.by });
  if (action === 'cancel' && isOut(item.state)) return verbs.cancelCorrection;
  if (action === 'show' && item.publishedVersion === null) return verbs.publish;
  return action === 'correct' && !isOut(item.state) ? verbs.edit : verbs[action];
}
