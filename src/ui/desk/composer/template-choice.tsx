import { useEdition } from '../desk-context.ts';
import { useWords } from '../words/words.ts';
import type { ComposerFields } from './composer-fields.ts';
import { selectSlot } from './slots.ts';

interface TemplateChoiceProps {
  readonly values: ComposerFields;
  onChosen(values: ComposerFields): void;
}

/** The phrases of the edition. One opens in the empty box; it never overwrites a text. */
export function TemplateChoice({ values, onChosen }: TemplateChoiceProps) {
  const { templates = [] } = useEdition();
  const { words } = useWords();
  if (templates.length === 0) return null;
  return (
    <select
      name="template"
      aria-label={words.box.template}
      disabled={values.line !== ''}
      value=""
      onChange={(event) => {
        const template = templates.find(({ name }) => name === event.currentTarget.value);
        if (!template) return;
        onChosen({ ...values, line: template.text, urgency: template.urgency ?? values.urgency });
        selectSlot(event.currentTarget.form);
      }}
    >
      <option value="">{words.box.template}</option>
      {templates.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
