import { useEffect, useState } from 'preact/hooks';
import type { Strings } from '../strings/strings.ts';

/** How long the button says that the address is copied. */
const copiedMs = 5_000;

interface ShareProps {
  readonly path: string;
  readonly title: string;
  readonly strings: Strings<'pages'>;
}

/** Shares with the system's dialog, else copies the address to the clipboard and says so. Hidden without script. */
export function ShareButton({ path, title, strings }: ShareProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), copiedMs);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const share = async () => {
    const url = new URL(path, location.href).href;
    try {
      if (navigator.share) await navigator.share({ title, url });
      else {
        await navigator.clipboard.writeText(url);
        setCopied(true);
      }
    } catch {
      // The reader cancelled, or the system forbids it. The link beside the button remains.
    }
  };
  return (
    <button type="button" class="share needs-script" onClick={() => void share()}>
      <span>{isCopied ? strings.copied : strings.share}</span>
    </button>
  );
}
