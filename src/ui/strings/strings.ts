import type { Direction, Urgency } from '../../item/item.ts';

/** Everything that a reader's page says by itself, in one language. */
export interface Strings {
  readonly language: string;
  readonly dir: Direction;
  readonly title: string;
  readonly urgency: Readonly<Record<Urgency, string>>;
  readonly corrected: string;
  readonly withdrawn: string;
  readonly empty: string;
  readonly state: {
    readonly connecting: string;
    readonly live: string;
    readonly delayed: string;
    readonly 'catching up': string;
    /** `{time}` stands for the time of the loss. */
    readonly offline: string;
  };
  readonly site: { readonly tagline: string; readonly languages: string; readonly otherEditions: string };
}
