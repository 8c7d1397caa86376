import { createContext } from 'preact';
import { useContext, useId, useState } from 'preact/hooks';
import { comparisonText } from '../../../item/line/comparison-text.ts';
import { labelIn, type SiteFacet } from '../../../item/site.ts';
import { isComposing } from '../browser/composing.ts';
import type { Filed } from '../browser/memory.ts';
import { useDesk } from '../desk-context.ts';
import type { DeskSite } from '../remote/desk-site.ts';
import { useWords } from '../words/words.ts';

interface FacetPickerProps extends Filed {
  onChange(chosen: Filed): void;
}

interface Choice {
  readonly kind: keyof Filed;
  readonly id: string;
  readonly label: string;
  /** A topic that no line has yet. */
  readonly isNew?: boolean;
}

const most: Readonly<Record<keyof Filed, number>> = { sections: 4, regions: 4, topics: 10 };
const mostShown = 6;

/**
 * Sections, regions and topics. An editor types a part of a name, or `#topic` for a new topic, which is a question once: a
 * topic with a typing error splits a story. Enter takes the selected choice, Backspace in the empty box removes the last one.
 */
export function FacetPicker(props: FacetPickerProps) {
  const { words, say } = useWords();
  const listId = useId();
  const picker = usePicker(props);
  const { chosen, offered, current } = picker;
  return (
    <div class="facets grow">
      <label>
        {words.box.filed}
        <span class="picker">
          {chosen.map((choice) => (
            <button
              key={`${choice.kind} ${choice.id}`}
              type="button"
              class="chip"
              aria-label={say(words.box.remove, { name: choice.label })}
              onClick={() => picker.remove(choice)}
            >
              {choice.label} ×
            </button>
          ))}
          <input
            name="facets"
            role="combobox"
            aria-expanded={offered.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={current ? `${listId}-${current.id}` : undefined}
            autoComplete="off"
            placeholder={words.box.filedHint}
            value={picker.text}
            onInput={(event) => picker.type(event.currentTarget.value)}
            onKeyDown={picker.onKeyDown}
          />
        </span>
      </label>
      <Offers listId={listId} {...picker} />
      {picker.asked !== null && (
        <p class="new-topic warning" role="alert">
          {say(words.box.newTopicAsk, { topic: picker.asked })}
        </p>
      )}
    </div>
  );
}

/** The typed text, the choices that it offers, and the keys of the box. */
function usePicker({ sections, regions, topics, onChange }: FacetPickerProps) {
  const filed: Filed = { sections, regions, topics };
  const { site } = useDesk();
  const inUse = useContext(TopicsContext);
  const { words, say } = useWords();
  const { language } = words;
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [asked, setAsked] = useState<string | null>(null);
  const chosen = kinds.flatMap((kind) => filed[kind].map((id) => choiceOf(kind, id, site[kind], language)));
  const offered =
    text.trim() === '' ? [] : offers({ ...site, topics: withTopics(site.topics, inUse) }, language, text, filed);
  const current = offered[Math.min(at, offered.length - 1)];
  const type = (changed: string) => {
    setText(changed);
    setAt(0);
    setAsked(null);
  };
  const add = ({ kind, id, isNew = false }: Choice) => {
    if (isNew && asked !== id) return setAsked(id);
    onChange({ ...filed, [kind]: [...filed[kind], id] });
    type('');
  };
  const remove = ({ kind, id }: Choice) => onChange({ ...filed, [kind]: filed[kind].filter((one) => one !== id) });
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const last = chosen[chosen.length - 1];
    if (event.key === 'ArrowDown' && offered.length > 0) setAt((at + 1) % offered.length);
    else if (event.key === 'ArrowUp' && offered.length > 0) setAt((at + offered.length - 1) % offered.length);
    else if (event.key === 'Enter' && text.trim() !== '') current && add(current);
    else if (event.key === 'Escape' && text !== '') setText('');
    else if (event.key === 'Backspace' && text === '' && last) remove(last);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const nameOf = ({ label, isNew = false }: Choice) => (isNew ? say(words.box.newTopic, { topic: label }) : label);
  return { text, type, asked, nameOf, chosen, offered, current, add, remove, onKeyDown };
}

type OffersProps = Pick<ReturnType<typeof usePicker>, 'offered' | 'current' | 'add' | 'nameOf'> & {
  readonly listId: string;
};

function Offers({ listId, offered, current, add, nameOf }: OffersProps) {
  const { words } = useWords();
  return (
    <div id={listId} role="listbox" aria-label={words.box.filed} class="offers" hidden={offered.length === 0}>
      {offered.map((choice) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys of a listbox are those of its combobox
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox (ARIA APG)
        <div
          key={choice.id}
          id={`${listId}-${choice.id}`}
          role="option"
          aria-selected={choice === current}
          onClick={() => add(choice)}
        >
          {nameOf(choice)}
        </div>
      ))}
    </div>
  );
}

/** The topics of the lines that the desk has read. */
export const TopicsContext = createContext<readonly string[]>([]);

const kinds = ['sections', 'regions', 'topics'] as const;

function offers(site: DeskSite, language: string, typed: string, filed: Filed): readonly Choice[] {
  const wanted = comparisonText(typed);
  const has = ({ label, id }: Choice, part: string) =>
    wanted !== '' && [label, id].some((name) => ` ${comparisonText(name)}`.includes(part));
  const choices = kinds
    .filter((kind) => filed[kind].length < most[kind])
    .flatMap((kind) =>
      site[kind]
        .filter(({ id, retired }) => !retired && !filed[kind].includes(id))
        .map(({ id }) => choiceOf(kind, id, site[kind], language)),
    );
  const begins = choices.filter((choice) => has(choice, ` ${wanted}`));
  const matches = [...begins, ...choices.filter((choice) => !begins.includes(choice) && has(choice, wanted))];
  const topic = typed.trim().startsWith('#') ? typed.trim().slice(1).trim() : '';
  const isOther = topic !== '' && filed.topics.length < most.topics && !filed.topics.includes(topic);
  const isKnown = site.topics.some(({ id }) => id === topic);
  const own = isOther && !isKnown ? [{ ...choiceOf('topics', topic, site.topics, language), isNew: true }] : [];
  return [...matches.slice(0, mostShown - own.length), ...own];
}

/** The configured topics, and those that lines have. */
function withTopics(configured: readonly SiteFacet[], inUse: readonly string[]): readonly SiteFacet[] {
  const others = inUse.filter((id) => configured.every((topic) => topic.id !== id));
  return [...configured, ...[...new Set(others)].map((id) => ({ id, labels: {} }))];
}

function choiceOf(kind: keyof Filed, id: string, facets: readonly SiteFacet[], language: string): Choice {
  const labels = facets.find((facet) => facet.id === id)?.labels ?? {};
  return { kind, id, label: labelIn(labels, language) ?? (kind === 'topics' ? `#${id}` : id) };
}
