import { useEffect, useState } from 'preact/hooks';
import { storageOf } from '../words/language.ts';
import { read, write } from './memory.ts';

const key = 'flashwire-desk-edition';

/** The edition that the address of the page names (`ar` of `/desk/ar`), and a way to go to another one. */
export interface EditionAddress {
  readonly editionId: string;
  goTo(editionId: string): void;
}

/**
 * Keeps the edition in the address, so that a reload, a bookmark and a second window show the same one. `/desk` goes to the
 * edition that this browser used last, else to the first one.
 */
export function useEditionAddress(editionIds: readonly string[]): EditionAddress {
  const [named, setNamed] = useState(() => editionIn(location.pathname));
  const editionId = named ?? usualEdition(editionIds);
  useEffect(() => {
    const onMoved = () => setNamed(editionIn(location.pathname));
    addEventListener('popstate', onMoved);
    return () => removeEventListener('popstate', onMoved);
  }, []);
  useEffect(() => {
    if (named === null && editionId !== '')
      history.replaceState(null, '', deskPath(editionId) + location.search + location.hash);
    if (editionIds.includes(editionId)) write(storageOf(window), key, { edition: editionId });
  }, [named, editionId]);
  return {
    editionId,
    goTo: (id) => {
      history.pushState(null, '', deskPath(id) + hashIn(id));
      setNamed(id);
      // A push is no change of the hash to the browser.
      dispatchEvent(new HashChangeEvent('hashchange'));
    },
  };
}

export function deskPath(editionId: string): string {
  return `/desk/${encodeURIComponent(editionId)}`;
}

/** What the address names after #, unless it is a line of another edition. */
function hashIn(editionId: string): string {
  const [place, query] = location.hash.split('?');
  return place !== '#line' || new URLSearchParams(query).get('edition') === editionId ? location.hash : '';
}

/** Null for `/desk`, which names none. An invalid escape is the name of no edition. */
function editionIn(path: string): string | null {
  const [, , id = ''] = path.split('/');
  if (id === '') return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

function usualEdition(editionIds: readonly string[]): string {
  const { edition } = read(storageOf(window), key);
  return editionIds.find((id) => id === edition) ?? editionIds[0] ?? '';
}
