import { useRef, useState } from 'preact/hooks';
import { focusOnOpen } from '../browser/focus.ts';
import { isolated, useWords } from '../words/words.ts';

interface ShownOnceProps {
  readonly name: string;
  readonly token: string;
  onDone(): void;
}

/** A new key. The server keeps only its hash, so this page is the only one that ever shows it. */
export function ShownOnce({ name, token, onDone }: ShownOnceProps) {
  const { words, say } = useWords();
  const { people } = words;
  const [result, setResult] = useState('');
  const onCopied = (isCopied: boolean) => setResult(isCopied ? people.copied : people.copyByHand);
  return (
    <section class="card once" aria-labelledby="once-title">
      <h3 id="once-title" tabIndex={-1} ref={focusOnOpen}>
        {say(people.keyOf, { name: isolated(name) })}
      </h3>
      <p class="warning">{people.once}</p>
      <Secret name="token" label={people.key} button={people.copyKey} value={token} onCopied={onCopied} />
      <Secret
        name="link"
        label={people.link}
        button={people.copyLink}
        value={`${location.origin}/desk#key=${token}`}
        onCopied={onCopied}
      />
      <p class="quiet">{people.linkHint}</p>
      <p role="status" class="said">
        {result}
      </p>
      <button type="button" onClick={onDone}>
        {people.done}
      </button>
    </section>
  );
}

interface SecretProps {
  readonly name: string;
  readonly label: string;
  readonly button: string;
  readonly value: string;
  onCopied(isCopied: boolean): void;
}

function Secret({ name, label, button, value, onCopied }: SecretProps) {
  const box = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      onCopied(true);
    } catch {
      // Over plain HTTP there is no clipboard: the selected text can be copied by hand.
      box.current?.select();
      onCopied(false);
    }
  };
  return (
    <div class="row">
      <label class="grow">
        {label}
        <input
          name={name}
          ref={box}
          readOnly
          dir="ltr"
          autoComplete="off"
          value={value}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <button type="button" onClick={() => void copy()}>
        {button}
      </button>
    </div>
  );
}
