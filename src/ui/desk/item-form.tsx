import { useState } from 'preact/hooks';
import type { Urgency } from '../../item/item.ts';
import type { SiteFacet } from '../../item/site.ts';
import type { DeskSite } from './desk-site.ts';
import { focusOnOpen } from './focus.ts';
import { graphemes, parseTypedLine } from './typed-line.ts';

/** What stands in the boxes while somebody types. */
export interface Draft {
  readonly line: string;
  readonly urgency: Urgency;
  readonly url: string;
  readonly sections: readonly string[];
  readonly regions: readonly string[];
}

export const emptyDraft: Draft = { line: '', urgency: 'urgent', url: '', sections: [], regions: [] };

interface FieldsProps {
  readonly draft: Draft;
  readonly site: DeskSite;
  readonly language: string;
  readonly dir: 'ltr' | 'rtl';
  readonly label: string;
  onChange(draft: Draft): void;
}

const amberAt = 90;
const cutAt = 120;

/** The boxes that a new item and a correction share: the line itself, urgency, and the rest folded away. */
export function ItemFieldset({ draft, site, language, dir, label, onChange }: FieldsProps) {
  return (
    <>
      <label class="line-label">
        {label}
        <textarea
          name="line"
          rows={2}
          lang={language}
          dir={dir}
          value={draft.line}
          ref={focusOnOpen}
          required
          onInput={(event) => onChange({ ...draft, line: event.currentTarget.value.replace(/[\r\n]+/g, ' ') })}
        />
      </label>
      <Preview line={draft.line} language={language} dir={dir} />
      <div class="row">
        <label>
          Urgency{' '}
          <select
            name="urgency"
            value={draft.urgency}
            onChange={(event) => onChange({ ...draft, urgency: parseUrgency(event.currentTarget.value) })}
          >
            <option value="flash">Flash</option>
            <option value="urgent">Urgent</option>
            <option value="update">Update</option>
          </select>
        </label>
        <label class="grow">
          Article{' '}
          <input
            name="url"
            type="url"
            placeholder="https://… (can be attached later)"
            value={draft.url}
            onInput={(event) => onChange({ ...draft, url: event.currentTarget.value })}
          />
        </label>
      </div>
      <Facets
        title="Sections"
        facets={site.sections}
        chosen={draft.sections}
        onChange={(sections) => onChange({ ...draft, sections })}
      />
      <Facets
        title="Regions"
        facets={site.regions}
        chosen={draft.regions}
        onChange={(regions) => onChange({ ...draft, regions })}
      />
    </>
  );
}

/** How the line will read, how long it is, and where a narrow screen cuts it. */
function Preview({
  line,
  language,
  dir,
}: {
  readonly line: string;
  readonly language: string;
  readonly dir: 'ltr' | 'rtl';
}) {
  const { attribution, headline } = parseTypedLine(line);
  const letters = graphemes(headline);
  const length = letters.length > cutAt ? 'long' : letters.length > amberAt ? 'amber' : 'fine';
  return (
    <p class="preview">
      <span class="reads" lang={language} dir={dir}>
        {attribution && <bdi class="attribution">{attribution}</bdi>}
        {attribution && ': '}
        <bdi>
          {letters.slice(0, cutAt).join('')}
          {letters.length > cutAt && <span class="cut">{letters.slice(cutAt).join('')}</span>}
        </bdi>
      </span>
      <output class={`count ${length}`}>{letters.length}</output>
    </p>
  );
}

interface FacetsProps {
  readonly title: string;
  readonly facets: readonly SiteFacet[];
  readonly chosen: readonly string[];
  onChange(chosen: readonly string[]): void;
}

function Facets({ title, facets, chosen, onChange }: FacetsProps) {
  const [open, setOpen] = useState(chosen.length > 0);
  const shown = facets.filter((facet) => !facet.retired || chosen.includes(facet.id));
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  return (
    <details class="facets" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {title} <span class="chosen">{chosen.map((id) => labelOf(facets, id)).join(', ')}</span>
      </summary>
      <div class="choices">
        {shown.map((facet) => (
          <label key={facet.id}>
            <input
              type="checkbox"
              name={facet.id}
              checked={chosen.includes(facet.id)}
              onChange={() => toggle(facet.id)}
            />{' '}
            {labelOf(facets, facet.id)}
          </label>
        ))}
      </div>
    </details>
  );
}

function labelOf(facets: readonly SiteFacet[], id: string): string {
  return facets.find((facet) => facet.id === id)?.labels['en'] ?? id;
}

function parseUrgency(value: string): Urgency {
  return value === 'flash' || value === 'update' ? value : 'urgent';
}
