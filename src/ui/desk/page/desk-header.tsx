import { wordsIn } from '../../../item/site.ts';
import { useDisclosure } from '../browser/disclosure.ts';
import { useFlashSound } from '../browser/flash-sound.ts';
import { useDesk } from '../desk-context.ts';
import { tested, useWords } from '../words/words.ts';
import { LanguageChoice } from './language-choice.tsx';
import { Presence } from './presence.tsx';

interface DeskHeaderProps {
  readonly edition: string;
  /** What the address names; see desk-view.tsx. */
  readonly place: string;
  onEdition(id: string): void;
  onLanguage(language: string): void;
  onSwitchOver(): void;
  onSignOut(): void;
}

/** The edition, the editor, and a menu of rare actions. */
export function DeskHeader({ edition, onEdition, ...menu }: DeskHeaderProps) {
  const { editions, site, who } = useDesk();
  const { words } = useWords();
  const roles: Readonly<Record<string, string>> = words.roles;
  return (
    <header class="bar">
      <h1>
        <bdi class="newsroom">{wordsIn(site.name, words.language)}</bdi> {words.title}
      </h1>
      <label>
        {words.edition}{' '}
        <select name="edition" value={edition} onChange={(event) => onEdition(event.currentTarget.value)}>
          {editions.every(({ id }) => id !== edition) && <option value={edition}>{edition}</option>}
          {editions.map((choice) => (
            <option key={choice.id} value={choice.id} lang={choice.language}>
              {choice.name}
            </option>
          ))}
        </select>
      </label>
      <p class="who">
        <bdi>{who.name}</bdi> <span class="role">{roles[who.role] ?? who.role}</span>
      </p>
      <Presence edition={edition} />
      <Menu {...menu} />
    </header>
  );
}

function Menu({
  place,
  onLanguage,
  onSwitchOver,
  onSignOut,
}: Pick<DeskHeaderProps, 'place' | 'onLanguage' | 'onSwitchOver' | 'onSignOut'>) {
  const { words, verbs, isTest } = useWords();
  const { feed, who } = useDesk();
  const menu = useDisclosure();
  const [sounds, turnSound] = useFlashSound(feed, who.name);
  return (
    <details ref={menu} class="menu">
      <summary aria-label={words.menu}>⋯</summary>
      <div class="menu-items">
        <LanguageChoice onLanguage={onLanguage} />
        <label>
          <input
            type="checkbox"
            name="sound"
            checked={sounds}
            onChange={(event) => turnSound(event.currentTarget.checked)}
          />{' '}
          {words.sound}
        </label>
        <button type="button" class="switch-over" onClick={onSwitchOver}>
          {verbs.switchOver}
        </button>
        {(place === 'audit' || place === 'people') && <a href="#desk">{words.audit.back}</a>}
        {place !== 'audit' && <a href="#audit">{words.audit.title}</a>}
        {place !== 'people' && who.may.includes('manage') && <a href="#people">{words.people.title}</a>}
        <button type="button" class="sign-out" onClick={onSignOut}>
          {tested(words.signOut, isTest)}
        </button>
      </div>
    </details>
  );
}
