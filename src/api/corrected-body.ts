import { type Correction, type ItemBody, wireTime } from '../item/item.ts';
import { bodyOf, type CorrectFields } from '../item/schema.ts';
import type { Site } from '../item/site.ts';
import type { DeskItem } from '../log/commands/desk-log.ts';
import { ProblemError } from './http-problem.ts';

/** The words of a published item change only with a visible correction, and an earlier correction stays visible. */
export function correctedBody(
  site: Site,
  item: DeskItem,
  before: ItemBody | null,
  fields: CorrectFields,
): { readonly body: ItemBody; readonly change?: 'corrected' | 'refile' | 'attached' } {
  const isOut = item.publishedVersion !== null;
  const { correction } = fields;
  if (!isOut) {
    if (correction)
      throw new ProblemError('invalid', 'This item is not published yet: change it without `correction`.', [
        { pointer: '/correction', detail: 'is allowed only for a published item' },
      ]);
    return { body: bodyOf(site, fields) };
  }
  if (correction) return { body: bodyOf(site, fields, correction as Correction), change: correction.kind };
  // There is nothing to compare with. Only what was retracted or cancelled can be purged, and the acceptance refuses to change it.
  if (!before) return { body: bodyOf(site, fields) };
  const changed = changedWords(before, fields);
  if (changed.length > 0) {
    throw new ProblemError(
      'invalid',
      'The words of a published item change only with a visible correction.',
      changed.map((name) => ({
        pointer: `/${name}`,
        detail: 'differs from the published text: send `correction` with kind corrected (and a note) or refile',
      })),
    );
  }
  const correctionBefore = before.correction && {
    ...before.correction,
    at: before.correction.at ?? wireTime(item.updatedAt),
  };
  return { body: bodyOf(site, fields, correctionBefore), change: 'attached' };
}

/** The published words that differ. Paragraphs after those that are out, and a first quote, take nothing back. */
function changedWords(before: ItemBody, fields: CorrectFields): readonly string[] {
  const changed: string[] = (['headline', 'attribution', 'urgency'] as const).filter(
    (name) => before[name] !== fields[name],
  );
  if (before.paragraphs?.some((paragraph, at) => fields.paragraphs?.[at] !== paragraph)) changed.push('paragraphs');
  const { quote } = before;
  if (quote && (fields.quote?.text !== quote.text || fields.quote.by !== quote.by)) changed.push('quote');
  return changed;
}
