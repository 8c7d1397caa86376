import type { ItemBody } from '../../item/item.ts';
import { scriptOf } from '../../item/line/script.ts';
import { colonPart } from '../../item/line/typed-line.ts';
import { type LineWarning, lineWarnings, type WarningCode } from '../../item/line/warnings.ts';
import type { SiteEdition } from '../../item/site.ts';
import { attributionLimits } from '../../item/text.ts';
import type { Fault } from '../../protocol/problem.ts';
import { ProblemError } from '../http-problem.ts';
import type { NewestLines } from './newest-lines.ts';

/** What an editor should look at again. The line is accepted all the same, unless the request prefers strict handling. */
export interface Warning extends Fault {
  readonly code: WarningCode;
  /** JSON pointer into the body. */
  readonly pointer: string;
  /** The item that a near duplicate repeats. */
  readonly id?: string;
}

interface Judged {
  /** The new line, and the item that it belongs to. */
  readonly body: ItemBody;
  readonly itemId: string;
  readonly edition: SiteEdition;
  readonly lines: NewestLines;
  readonly now: number;
}

export function warningsFor({ body, itemId, edition, lines, now }: Judged): readonly Warning[] {
  const known = lines.of(edition.id).filter(({ id }) => id !== itemId);
  return lineWarnings(body, { language: edition.language, known, now }).map((warning) =>
    inWords(warning, body, edition),
  );
}

export function warningsRefused(warnings: readonly Warning[]): ProblemError {
  const count = warnings.length === 1 ? 'a warning' : `${warnings.length} warnings`;
  return new ProblemError(
    'warnings-refused',
    `The line has ${count}, and the request prefers strict handling. Nothing was accepted. Change the line, or send it without Prefer: handling=strict.`,
    warnings,
  );
}

function inWords(warning: LineWarning, { headline }: ItemBody, { id, language }: SiteEdition): Warning {
  const { code } = warning;
  switch (code) {
    case 'near-duplicate': {
      const { line, minutesAgo } = warning;
      const age = minutesAgo === 1 ? '1 minute' : `${minutesAgo} minutes`;
      return {
        code,
        pointer: '/headline',
        detail: `says nearly the same as item ${line.id} of ${age} ago`,
        id: line.id,
      };
    }
    case 'missing-source':
      return { code, pointer: '/attribution', detail: `is missing, so the line names no source${hintIn(headline)}` };
    case 'wrong-script': {
      const script = scriptNames.of(scriptOf(language) ?? '') ?? language;
      return {
        code,
        pointer: '/headline',
        detail: `has mostly letters of another script than ${script}, in which edition ${id} is written`,
      };
    }
  }
}

const scriptNames = new Intl.DisplayNames('en', { type: 'script' });

function hintIn(headline: string): string {
  const before = colonPart(headline)?.before;
  if (before === undefined || before.length > attributionLimits.graphemes) return '';
  return `; if ${JSON.stringify(before)} is the source, send it here and not in the headline`;
}
