import { useState } from 'preact/hooks';
import { parseTypedLine } from '../../../item/line/typed-line.ts';
import { focusOnOpen } from '../browser/focus.ts';
import type { Sources } from '../sources/use-sources.ts';
import { useWords } from '../words/words.ts';
import { cleanPaste } from './clean-paste.ts';
import { graphemes } from './graphemes.ts';
import { nextSlot, previousSlot } from './slots.ts';
import { amberAt, longAt } from './warnings.ts';

interface LineBoxProps {
  readonly line: string;
  readonly language: string;
  readonly dir: 'ltr' | 'rtl';
  readonly label: string;
  readonly sources: Sources;
  /** Sources that this browser has used, most often used first. */
  readonly attributions?: readonly string[];
  /** Shown while the box is empty. */
  readonly example?: string;
  readonly takesFocus?: boolean;
  onChange(line: string): void;
}

/** The box for the line. It cleans pasted text, splits off the attribution, and completes a known source. */
export function LineBox({
  line,
  language,
  dir,
  label,
  sources,
  attributions = [],
  example,
  takesFocus = true,
  onChange,
}: LineBoxProps) {
  const { words, say } = useWords();
  const [removed, setRemoved] = useState(0);
  const completion = completionOf(line, [
    ...attributions.filter(sources.isKnown),
    ...sources.known.map(({ name }) => name),
  ]);
  const onPaste = (event: ClipboardEvent) => {
    const box = event.currentTarget as HTMLTextAreaElement;
    const { text, invisible } = cleanPaste(event.clipboardData?.getData('text/plain') ?? '');
    event.preventDefault();
    setRemoved(invisible);
    box.setRangeText(fitted(text, box), box.selectionStart, box.selectionEnd, 'end');
    onChange(box.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Tab' || event.isComposing) return;
    const box = event.currentTarget as HTMLTextAreaElement;
    const slot = event.shiftKey ? previousSlot(line, box.selectionStart) : nextSlot(line, box.selectionEnd);
    if (slot) box.setSelectionRange(slot.start, slot.end);
    else if (completion !== null && !event.shiftKey) onChange(`${completion}: `);
    else return;
    event.preventDefault();
  };
  const { attribution, headline } = parseTypedLine(line, sources.known);
  const length = graphemes(headline).length;
  return (
    <div class="line-box">
      <label class="line-label">
        {label}
        <textarea
          name="line"
          rows={2}
          lang={language}
          dir={dir}
          value={line}
          placeholder={example}
          ref={takesFocus ? focusOnOpen : null}
          required
          enterkeyhint="send"
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onInput={(event) => {
            setRemoved(0);
            onChange(event.currentTarget.value.replace(/[\r\n]+/g, ' '));
          }}
        />
      </label>
      <p class="under-line">
        {attribution !== undefined && (
          <bdi class="chip attribution" lang={language}>
            {attribution}
          </bdi>
        )}
        {completion !== null && <span class="completion">{say(words.box.complete, { name: completion })}</span>}
        <span role="status">{removed > 0 && say(words.box.invisible, { count: removed })}</span>
        <output class={`count ${length > longAt ? 'long' : length > amberAt ? 'amber' : 'fine'}`}>{length}</output>
      </p>
    </div>
  );
}

/** A pasted text without the spaces that its place has, so that words stay apart. */
function fitted(text: string, { value, selectionStart, selectionEnd }: HTMLTextAreaElement): string {
  const begun = /(?:^| )$/.test(value.slice(0, selectionStart)) ? text.trimStart() : text;
  return /^(?: |$)/.test(value.slice(selectionEnd)) ? begun.trimEnd() : begun;
}

/** The first source that begins with the typed text. */
function completionOf(line: string, attributions: readonly string[]): string | null {
  const begun = line.trimStart().toLocaleLowerCase();
  if (begun.length === 0 || begun.includes(':') || begun.length > 20) return null;
  return attributions.find((known) => known.toLocaleLowerCase().startsWith(begun)) ?? null;
}
