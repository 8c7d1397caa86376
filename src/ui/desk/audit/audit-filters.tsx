import { useState } from 'preact/hooks';
import { type AuditFilter, hashOf } from '../remote/audit-page.ts';
import { useWords } from '../words/words.ts';

interface AuditFiltersProps {
  readonly filter: AuditFilter;
  /** Of the people in the events that are shown. */
  readonly names: readonly string[];
}

/** The filter is in the address, so that it can be linked to and the browser's Back undoes it. */
export function AuditFilters({ filter, names }: AuditFiltersProps) {
  const { words } = useWords();
  const [person, setPerson] = useState(filter.person);
  const [day, setDay] = useState(filter.day);
  const isFiltered = hashOf(filter) !== hashOf({});
  return (
    <form
      class="row filters"
      onSubmit={(event) => {
        event.preventDefault();
        location.hash = hashOf({ ...filter, person: person.trim(), day });
      }}
    >
      <label>
        {words.audit.person}
        <input
          name="person"
          list="audit-names"
          maxLength={80}
          value={person}
          onInput={(event) => setPerson(event.currentTarget.value)}
        />
        <datalist id="audit-names">
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <label>
        {words.audit.day}
        <input name="day" type="date" value={day} onInput={(event) => setDay(event.currentTarget.value)} />
      </label>
      <button type="submit">{words.audit.find}</button>
      {filter.item !== '' && <p class="quiet">{words.audit.oneLine}</p>}
      {isFiltered && <a href={hashOf({})}>{words.audit.all}</a>}
    </form>
  );
}
