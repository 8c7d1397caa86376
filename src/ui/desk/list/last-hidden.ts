import { useEffect, useState } from 'preact/hooks';

/** The line that this editor has hidden last. Its row offers Undo until the next action, or for 20 s. */
export interface LastHidden {
  readonly id: string | null;
  set(id: string | null): void;
}

const offeredMs = 20_000;

export function useLastHidden(): LastHidden {
  const [id, set] = useState<string | null>(null);
  useEffect(() => {
    if (id === null) return;
    const timer = setTimeout(() => set(null), offeredMs);
    return () => clearTimeout(timer);
  }, [id]);
  return { id, set };
}
