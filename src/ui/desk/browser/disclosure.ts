import { useEffect, useRef } from 'preact/hooks';

/**
 * A `<details>` that is a menu: Escape closes it and nothing else, and so does a click, in it or elsewhere, once the click has
 * done its work. Boxes of the menu keep it open.
 */
export function useDisclosure() {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const close = () => details.current?.removeAttribute('open');
    const isIn = (target: EventTarget | null) => target instanceof Node && details.current?.contains(target);
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || !details.current?.open) return;
      event.stopPropagation();
      close();
      if (isIn(document.activeElement)) details.current.querySelector('summary')?.focus();
    };
    const onClick = ({ target }: MouseEvent) => {
      const isUse = target instanceof Element && target.closest('button, a') !== null;
      if (isUse || !isIn(target)) close();
    };
    document.addEventListener('keydown', onKeyDown, { capture: true, signal });
    document.addEventListener('click', onClick, { signal });
    return () => controller.abort();
  }, []);
  return details;
}
