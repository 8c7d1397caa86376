import type { Label } from '../pages/model.ts';
import { stringsOf } from '../strings/strings.ts';
import type { EmbedModel } from './model.ts';
import { type EmbedOptions, type LookName, themes, variants } from './snippet.ts';

interface ChoicesProps {
  readonly model: EmbedModel;
  readonly options: EmbedOptions;
  set(change: Partial<EmbedOptions>): void;
}

/** Every option of the ticker. */
export function Choices({ model, options, set }: ChoicesProps) {
  const strings = stringsOf('embed', model.language);
  const any: Label = { id: '', label: strings.any };
  const limits = ['5', '10', '20'].map((id) => ({ id, label: id }));
  const named = <Name extends string>(names: readonly Name[], labels: Readonly<Record<Name, string>>) =>
    names.map((id) => ({ id, label: labels[id] }));
  const looks = Object.keys(strings.looks) as LookName[];
  return (
    <fieldset>
      <legend>{strings.options}</legend>
      <Choice label={strings.edition} value={options.edition} of={model.editions} on={(edition) => set({ edition })} />
      <Choice
        label={strings.section}
        value={options.section}
        of={[any, ...model.sections]}
        on={(section) => set({ section })}
      />
      <Choice
        label={strings.region}
        value={options.region}
        of={[any, ...model.regions]}
        on={(region) => set({ region })}
      />
      <label>
        {strings.topic}
        <input type="text" value={options.topic} onInput={(event) => set({ topic: event.currentTarget.value })} />
      </label>
      <Choice label={strings.limit} value={options.limit} of={limits} on={(limit) => set({ limit })} />
      <Choice
        label={strings.variant}
        value={options.variant}
        of={named(variants, strings.variants)}
        on={(variant) => set({ variant })}
      />
      <Choice
        label={strings.theme}
        value={options.theme}
        of={named(themes, strings.themes)}
        on={(theme) => set({ theme })}
      />
      <Choice label={strings.look} value={options.look} of={named(looks, strings.looks)} on={(look) => set({ look })} />
      <Tick label={strings.reserve} isOn={options.reserve} on={(reserve) => set({ reserve })} />
      <Tick label={strings.open} isOn={options.open} on={(open) => set({ open })} />
      <Tick label={strings.pinned} isOn={options.pinned} on={(pinned) => set({ pinned })} />
    </fieldset>
  );
}

interface ChoiceProps<Id extends string> {
  readonly label: string;
  readonly value: Id;
  readonly of: readonly { readonly id: Id; readonly label: string }[];
  on(value: Id): void;
}

function Choice<Id extends string>({ label, value, of, on }: ChoiceProps<Id>) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => on(event.currentTarget.value as Id)}>
        {of.map((option) => (
          <option key={option.id} value={option.id} selected={option.id === value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Tick({ label, isOn, on }: { readonly label: string; readonly isOn: boolean; on(value: boolean): void }) {
  return (
    <label class="tick">
      <input type="checkbox" checked={isOn} onChange={(event) => on(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
