import { useState } from 'preact/hooks';
import { momentOf } from '../../../item/zoned-time.ts';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk } from '../desk-context.ts';
import type { NewKey, Role } from '../remote/access.ts';
import type { Problem } from '../remote/desk-api.ts';
import { useWords } from '../words/words.ts';
import { roleText } from './key-row.tsx';

interface NewKeyFormProps {
  readonly roles: readonly Role[];
  onCreated(name: string, token: string): void;
}

interface Values {
  readonly name: string;
  /** Empty: the first role, which may do least. */
  readonly role: string;
  /** Null: every edition. */
  readonly editions: readonly string[] | null;
  /** The last day, such as 2026-12-31, in the zone of the browser; empty: does not expire. */
  readonly until: string;
}

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A key for a person or a program. An admin of some editions gives keys for those editions only. */
export function NewKeyForm({ roles, onCreated }: NewKeyFormProps) {
  const { api, who } = useDesk();
  const { words, say } = useWords();
  const { people } = words;
  const empty: Values = { name: '', role: '', editions: who.editions === null ? null : [], until: '' };
  const [values, setValues] = useState(empty);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const change = (changed: Partial<Values>) => setValues({ ...values, ...changed });
  const role = values.role === '' ? (roles[0]?.role ?? '') : values.role;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const answer = await api.createKey(newKeyOf({ ...values, role }));
    setBusy(false);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    if (answer.type === 'problem' || answer.value === null) return;
    setValues(empty);
    onCreated(values.name.trim(), answer.value);
  };
  return (
    <form class="card new-key" onSubmit={submit}>
      <h3>{people.newKey}</h3>
      <label>
        {people.name}
        <input
          name="name"
          required
          maxLength={80}
          autoComplete="off"
          value={values.name}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
      </label>
      <fieldset>
        <legend>{people.may}</legend>
        {roles.map((one) => (
          <label key={one.role} class="choice">
            <input type="radio" name="role" checked={one.role === role} onChange={() => change({ role: one.role })} />
            {roleText(words, one.role, one.may)}
          </label>
        ))}
      </fieldset>
      <Editions editions={values.editions} onChange={(editions) => change({ editions })} />
      <label>
        {say(people.until, { zone })}
        <input
          name="until"
          type="date"
          max="9999-12-30"
          value={values.until}
          onInput={(event) => change({ until: event.currentTarget.value })}
        />
      </label>
      <p class="row actions">
        <button type="submit" class="primary" disabled={busy}>
          {people.create}
        </button>
      </p>
      <ProblemBox problem={problem} />
    </form>
  );
}

interface EditionsProps {
  readonly editions: readonly string[] | null;
  onChange(editions: readonly string[] | null): void;
}

function Editions({ editions: chosen, onChange }: EditionsProps) {
  const { who, editions } = useDesk();
  const { words } = useWords();
  return (
    <fieldset>
      <legend>{words.people.where}</legend>
      {who.editions === null && (
        <label class="choice">
          <input
            type="checkbox"
            name="all"
            checked={chosen === null}
            onChange={(event) => onChange(event.currentTarget.checked ? null : [])}
          />
          {words.people.allEditions}
        </label>
      )}
      {chosen !== null &&
        editions.map(({ id, name, language }) => (
          <label key={id} class="choice">
            <input
              type="checkbox"
              name="edition"
              value={id}
              required={chosen.length === 0}
              checked={chosen.includes(id)}
              onChange={(event) =>
                onChange(event.currentTarget.checked ? [...chosen, id] : chosen.filter((one) => one !== id))
              }
            />
            <span lang={language}>{name}</span>
          </label>
        ))}
    </fieldset>
  );
}

function newKeyOf({ name, role, editions, until }: Values): NewKey {
  const dayAfter = until === '' ? null : new Date(Date.parse(until) + 86_400_000).toISOString().slice(0, 10);
  const end = dayAfter === null ? null : momentOf(`${dayAfter}T00:00`, zone);
  return {
    name: name.trim(),
    role,
    ...(editions !== null && { editions }),
    ...(end !== null && { expiresAt: new Date(end).toISOString() }),
  };
}
