import { languageTags } from '../../strings/strings.ts';
import { useWords } from '../words/words.ts';

/** The language of the desk, which is not that of an edition. */
export function LanguageChoice({ onLanguage }: { onLanguage(language: string): void }) {
  const { words } = useWords();
  return (
    <label>
      {words.pageLanguage}{' '}
      <select name="language" value={words.language} onChange={(event) => onLanguage(event.currentTarget.value)}>
        {languageTags().map((language) => (
          <option key={language} value={language} lang={language}>
            {new Intl.DisplayNames([language], { type: 'language' }).of(language)}
          </option>
        ))}
      </select>
    </label>
  );
}
