import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SiteEdition } from '../../item/site.ts';
import type { FormStore } from './browser/form-store.ts';
import type { DeskApi, SignedIn, Stopped } from './remote/desk-api.ts';
import type { DeskFeed } from './remote/desk-feed.ts';
import type { DeskSite } from './remote/desk-site.ts';

/** What every part of the desk works with once an editor has signed in. */
export interface Desk {
  readonly api: DeskApi;
  readonly feed: DeskFeed;
  readonly site: DeskSite;
  readonly who: SignedIn;
  /** The editions that this key may see. */
  readonly editions: readonly SiteEdition[];
  /** False for a reporter, who writes drafts only. */
  readonly mayPublish: boolean;
  /** Connections open now, by edition; empty while they are not known. */
  readonly readers: Readonly<Record<string, number>>;
  /** Who pulled STOP; null while lines go out. */
  readonly stopped: Stopped | null;
  goTo(editionId: string): void;
}

export const DeskContext = createContext<Desk | null>(null);

/** The edition that the desk shows. */
export const EditionContext = createContext<SiteEdition | null>(null);

export const FormsContext = createContext<FormStore | null>(null);

/** What this browser keeps of the forms of the edition. Throws where the desk shows no edition. */
export function useForms(): FormStore {
  return there(useContext(FormsContext));
}

/** Throws outside of a signed-in desk. */
export function useDesk(): Desk {
  return there(useContext(DeskContext));
}

/** Throws where the desk shows no edition. */
export function useEdition(): SiteEdition {
  return there(useContext(EditionContext));
}

function there<Value>(value: Value | null): Value {
  if (value === null) throw new TypeError('no desk around this component');
  return value;
}
