import { useEffect, useRef } from 'preact/hooks';

/**
 * The step of the box, which decides what the next Enter does. `fuse`: too many lines in a minute, so the editor must
 * confirm.
 */
export type Step = { readonly type: 'typing' | 'review' | 'fuse' };

/** `command`: Ctrl+Enter, which shows and sends. */
export type Press = 'enter' | 'command' | 'button';

interface Pressed {
  readonly step: Step['type'];
  readonly how: Press;
  readonly isFlash: boolean;
  readonly isFuseBlown: boolean;
}

/**
 * The step after a press; null when the press is not enough. A flash is always shown first. A flash, and a line after the
 * fuse, goes with Ctrl+Enter or with the button, never with a second Enter.
 */
export function nextStep({ step, how, isFlash, isFuseBlown }: Pressed): 'review' | 'fuse' | 'send' | null {
  if (step === 'typing' && (how !== 'command' || isFlash)) return 'review';
  if (how === 'enter' && (isFlash || step === 'fuse')) return null;
  return isFuseBlown && step !== 'fuse' ? 'fuse' : 'send';
}

/** True from a Ctrl+Enter that showed something until Ctrl is released: a second Enter in between is a slip. */
export function useCtrlHeld(): { current: boolean } {
  const held = useRef(false);
  useEffect(() => {
    const release = (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.key === 'Control' || event.key === 'Meta') held.current = false;
    };
    addEventListener('keyup', release);
    addEventListener('blur', release);
    return () => {
      removeEventListener('keyup', release);
      removeEventListener('blur', release);
    };
  }, []);
  return held;
}
