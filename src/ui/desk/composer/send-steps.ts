import { useEffect, useRef, useState } from 'preact/hooks';
import { isMostlyInOtherScript } from '../../../item/line/script.ts';
import type { SiteEdition } from '../../../item/site.ts';
import { isFlashFuse, type Problem } from '../remote/desk-api.ts';
import type { ItemFields } from '../remote/desk-item.ts';

/**
 * What can stand between the press and the line, in this order: whether it is for these readers, what stands before the colon,
 * the preview of both, and whether many lines are meant.
 */
const order = ['typing', 'script', 'source', 'review', 'fuse'] as const;
/** The step of a form, which decides what the next press does. */
export type Step = (typeof order)[number];

/** `command`: Ctrl+Enter, which shows and sends. */
export type Press = 'enter' | 'command' | 'button';

/** What a line needs before it goes out. */
export interface Needs {
  readonly steps: readonly Step[];
  readonly isFlash: boolean;
}

export interface Steps {
  readonly step: Step;
  back(): void;
  /** Asks whether one flash more is meant if that is why the server refused; otherwise false. */
  asksAbout(problem: Problem): boolean;
  /** Goes on to the next step that is needed; after the last one, it sends. */
  press(how: Press, needs: Needs, send: () => unknown): void;
}

/** The steps of a form. A form that only shows something starts with its preview. */
export function useSteps(first: Step = 'typing'): Steps {
  const [step, setStep] = useState<Step>(first);
  const ctrl = useCtrlHeld();
  return {
    step,
    back: () => setStep('typing'),
    asksAbout: (problem) => {
      if (!isFlashFuse(problem)) return false;
      ctrl.current &&= 'shown';
      setStep('fuse');
      return true;
    },
    press: (how, needs, send) => {
      if (how === 'command' && ctrl.current === 'shown') return;
      const next = nextStep(step, how, needs);
      ctrl.current = how === 'command' && (next === 'send' ? 'sent' : 'shown');
      if (next === 'send') send();
      else if (next) setStep(next);
    },
  };
}

/**
 * The needs of a line, however it is sent: a flash is shown first. An unknown name before its colon and a script other than the
 * edition's are questions.
 */
export function needsOf(
  { headline, urgency }: Pick<ItemFields, 'headline' | 'urgency'>,
  { language }: Pick<SiteEdition, 'language'>,
  unknownSource: string | null,
): Needs {
  const isFlash = urgency === 'flash';
  const isOtherScript = isMostlyInOtherScript(headline, language);
  return {
    isFlash,
    steps: [
      ...(unknownSource === null ? [] : (['source'] as const)),
      ...(isFlash ? (['review'] as const) : []),
      ...(isOtherScript ? (['script'] as const) : []),
    ],
  };
}

/**
 * The step after a press; null when the press is not enough. A flash, and a line after a question, goes with Ctrl+Enter or
 * with the button, never with a second Enter.
 */
function nextStep(step: Step, how: Press, { steps, isFlash }: Needs): Step | 'send' | null {
  // It has buttons of its own.
  if (step === 'source' && steps.includes('source')) return null;
  const isQuestion = step === 'script' || step === 'fuse';
  if (how === 'enter' && (isQuestion || (isFlash && isShown(step)))) return null;
  return order.slice(order.indexOf(step) + 1).find((type) => steps.includes(type)) ?? 'send';
}

/** Escape goes back from a preview or a question before it closes anything. */
export function backOnEscape(event: KeyboardEvent, { step, back }: Steps): void {
  if (event.key !== 'Escape' || step === 'typing') return;
  event.stopPropagation();
  back();
}

/** What a Ctrl+Enter did, until Ctrl is released: a second Enter after something was shown is a slip. */
function useCtrlHeld(): { current: 'shown' | 'sent' | false } {
  const held = useRef<'shown' | 'sent' | false>(false);
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

/** Whether the line is shown as readers will see it. */
export function isShown(step: Step): boolean {
  return step === 'review' || step === 'fuse';
}
