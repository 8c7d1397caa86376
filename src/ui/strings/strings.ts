import type { Direction, Urgency } from '../../item/item.ts';

/** Everything that the ticker says by itself, in one language. */
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
  readonly pause: string;
  readonly play: string;
  readonly openList: string;
  readonly hide: string;
  readonly show: string;
  /** `{count}` lines came while the reader was away. */
  readonly missed: string;
  /** Ordinary words of this language, to reserve room for lines that are not there yet. */
  readonly filler: string;
}

/** Everything that a page says by itself, in one language. */
export interface PageStrings {
  readonly tagline: string;
  readonly skip: string;
  readonly editions: string;
  readonly sections: string;
  readonly regions: string;
  readonly live: string;
  /** `{edition}`: the edition's own name. */
  readonly liveTitle: string;
  readonly liveSummary: string;
  readonly updates: string;
  readonly keyMoments: string;
  /** `{count}` new lines wait above. */
  readonly waiting: string;
  readonly older: string;
  readonly newest: string;
  readonly share: string;
  readonly copied: string;
  readonly permalink: string;
  readonly published: string;
  readonly updated: string;
  readonly replacesAnother: string;
  readonly goneTitle: string;
  readonly latest: string;
  readonly allUpdates: string;
  readonly notFound: string;
  readonly notFoundHint: string;
  readonly unavailable: string;
  readonly unavailableHint: string;
  readonly withdrawnTitle: string;
  readonly noUpdates: string;
  readonly feeds: string;
  readonly embed: string;
  readonly topStories: string;
  readonly by: string;
  readonly source: string;
  /** `{count}` minutes. */
  readonly minutesToRead: string;
  readonly tags: string;
  readonly related: string;
  readonly example: string;
}

/** What the page for those who embed the ticker says, in one language. */
export interface EmbedStrings {
  readonly title: string;
  readonly summary: string;
  readonly options: string;
  readonly edition: string;
  readonly section: string;
  readonly region: string;
  readonly topic: string;
  readonly any: string;
  readonly limit: string;
  readonly open: string;
  readonly theme: string;
  readonly themes: { readonly plain: string; readonly channel: string; readonly broadsheet: string };
  readonly pinned: string;
  readonly snippet: string;
  readonly copy: string;
  readonly copied: string;
  readonly preview: string;
  readonly styling: string;
  readonly stylingHint: string;
  readonly policy: string;
  readonly policyHint: string;
}
