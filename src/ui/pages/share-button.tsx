import { useState } from 'preact/hooks';
import type { Strings } from '../strings/strings.ts';

interface ShareProps {
  readonly path: string;
  readonly title: string;
  readonly strings: Strings<'pages'>;
}

/** The system's way to share where there is one, else the address goes to the clipboard and the button says so. Without script it is not there. */
export function ShareButton({ path, title, strings }: ShareProps) {
  const [isCopied, setCopied] = useState(false);
  const share = async () => {
    const url = new URL(path, location.href).href;
    try {
      if (navigator.share) await navigator.share({ title, url });
      else {
        await navigator.clipboard.writeText(url);
        setCopied(true);
      }
    } catch {
      // The reader has thought better of it, or the system forbids it: the link beside the button remains.
    }
  };
  return (
    <button type="button" class="share needs-script" onClick={() => void share()}>
      <span>{isCopied ? strings.copied : strings.share}</span>
    </button>
  );
}
