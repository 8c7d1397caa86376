import { useEffect, useRef, useState } from 'preact/hooks';
import { stringsOf } from '../strings/strings.ts';
import type { EmbedModel } from './model.ts';
import {
  type EmbedOptions,
  frameScriptOf,
  iframeOf,
  pastedOf,
  reactOf,
  reactTypes,
  snippetOf,
  styleOf,
  vueConfig,
  vueOf,
  vueTypes,
} from './snippet.ts';

interface Block {
  readonly hint: string;
  readonly code: string;
}

interface Recipe {
  readonly id: string;
  readonly name: string;
  readonly blocks: readonly Block[];
}

interface RecipesProps {
  readonly model: EmbedModel;
  readonly options: EmbedOptions;
}

function recipesOf({ model: { language, site, editions }, options }: RecipesProps): readonly Recipe[] {
  const { recipes: words } = stringsOf('embed', language);
  const edition = editions.find(({ id }) => id === options.edition);
  const own = stringsOf('ticker', edition?.language ?? options.edition);
  const [vueScript, vueTemplate] = vueOf(options, site, own);
  const style = styleOf(options);
  const look = style === '' ? [] : [{ hint: words.styleHint, code: style }];
  const iframe = iframeOf(options, site, own);
  return [
    { id: 'script', name: '<script>', blocks: [{ hint: words.scriptHint, code: snippetOf(options, site, own) }] },
    {
      id: 'iframe',
      name: '<iframe>',
      blocks: [
        { hint: words.iframeHint, code: iframe },
        { hint: words.heightHint, code: frameScriptOf(site) },
      ],
    },
    {
      id: 'wordpress',
      name: 'WordPress',
      blocks: [
        ...(site.offersOEmbed ? [{ hint: words.pasteHint, code: pastedOf(options, site) }] : []),
        { hint: words.blockHint, code: iframe },
      ],
    },
    {
      id: 'react',
      name: 'React, Next.js',
      blocks: [
        { hint: words.reactHint, code: reactOf(options, site, own) },
        { hint: words.typesHint, code: reactTypes },
        ...look,
      ],
    },
    {
      id: 'vue',
      name: 'Vue',
      blocks: [
        { hint: words.vueScriptHint, code: vueScript },
        { hint: words.vueConfigHint, code: vueConfig },
        { hint: words.vueHint, code: vueTemplate },
        { hint: words.typesHint, code: vueTypes },
        ...look,
      ],
    },
  ];
}

/**
 * The recipes, as tabs (ARIA Authoring Practices, tabs with automatic activation). Without script they stand below each
 * other, each under its heading.
 */
export function Recipes(props: RecipesProps) {
  const strings = stringsOf('embed', props.model.language);
  const recipes = recipesOf(props);
  const [chosen, choose] = useState<string | null>(null);
  useEffect(() => choose('script'), []);
  return (
    <section class="recipes" aria-labelledby="recipes">
      <h2 id="recipes">{strings.snippet}</h2>
      {chosen !== null && <TabList recipes={recipes} chosen={chosen} choose={choose} />}
      {recipes.map(({ id, name, blocks }) => (
        <div
          key={id}
          id={`recipe-${id}`}
          class="recipe"
          {...(chosen !== null && { role: 'tabpanel', 'aria-labelledby': `tab-${id}`, hidden: chosen !== id })}
        >
          {chosen === null && <h3>{name}</h3>}
          {blocks.map((block) => (
            <Code key={block.hint} {...block} language={props.model.language} isAlive={chosen !== null} />
          ))}
        </div>
      ))}
    </section>
  );
}

interface TabListProps {
  readonly recipes: readonly Recipe[];
  readonly chosen: string;
  choose(id: string): void;
}

function TabList({ recipes, chosen, choose }: TabListProps) {
  const list = useRef<HTMLDivElement>(null);
  const turn = (event: KeyboardEvent) => {
    const index = recipes.findIndex(({ id }) => id === chosen);
    const forward = list.current?.matches(':dir(rtl)') ? 'ArrowLeft' : 'ArrowRight';
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const target =
      event.key === 'Home'
        ? 0
        : event.key === 'End'
          ? recipes.length - 1
          : step && index + Math.abs(step) * (event.key === forward ? 1 : -1);
    if (target === undefined) return;
    event.preventDefault();
    const next = recipes[(target + recipes.length) % recipes.length];
    if (!next) return;
    choose(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <div role="tablist" class="tabs" aria-labelledby="recipes" ref={list}>
      {recipes.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === chosen}
          aria-controls={`recipe-${id}`}
          tabIndex={id === chosen ? 0 : -1}
          onClick={() => choose(id)}
          onKeyDown={turn}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

interface CodeProps extends Block {
  readonly language: string;
  readonly isAlive: boolean;
}

/** Lines to copy. */
function Code({ hint, code, language, isAlive }: CodeProps) {
  const strings = stringsOf('embed', language);
  const [copied, setCopied] = useState('');
  const shown = useRef<HTMLPreElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(code);
      setCopied(code);
    } catch {
      // Over plain HTTP there is no clipboard: the selected text can be copied by hand.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
    }
  };
  return (
    <div class="code">
      <p>{hint}</p>
      <pre key={code} ref={shown} lang="en" dir="ltr">
        {code}
      </pre>
      {isAlive && (
        <button type="button" onClick={() => void copy()}>
          <span key={String(copied === code)}>{copied === code ? strings.copied : strings.copy}</span>
        </button>
      )}
    </div>
  );
}
