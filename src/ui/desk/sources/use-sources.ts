import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import { type Source, type SourceKind, seededSources, sourceKey } from '../../../item/line/source.ts';
import { colonPart } from '../../../item/line/typed-line.ts';
import { read, write } from '../browser/memory.ts';
import { graphemes } from '../composer/graphemes.ts';
import { useDesk } from '../desk-context.ts';
import type { Problem, SourceList } from '../remote/desk-api.ts';
import { storageOf } from '../words/language.ts';
import { useWords } from '../words/words.ts';

/** The sources of an edition. Only they may stand before a colon as the source of a line. */
export interface Sources {
  /** As they are written. */
  readonly known: readonly Pick<Source, 'name'>[];
  isKnown(name: string): boolean;
  /** What stands before the colon of a line and is neither known nor refused as a source; null where nothing does. */
  unknownIn(line: string): string | null;
  /** Null when it is kept for all desks. Otherwise it is known to this page only. */
  confirm(name: string, kind: SourceKind): Promise<Problem | null>;
  /** It is part of the line, and this browser does not ask again. */
  refuse(name: string): void;
}

/** A longer part is no name: it belongs to the line. */
const longestAttribution = 80;

export const SourcesContext = createContext<Sources | null>(null);

/** The sources of the edition that the desk shows. */
export function useEditionSources(): Sources {
  const sources = useContext(SourcesContext);
  if (!sources) throw new TypeError('no desk around this component');
  return sources;
}

/** A rehearsal reads the sources of the site and confirms none for it. */
export function useSources(edition: string): Sources {
  const { api, site, mayPublish } = useDesk();
  const { isTest } = useWords();
  const [list, setList] = useState<SourceList | null>(null);
  const [own, setOwn] = useState<readonly Source[]>([]);
  const refusedKey = `flashwire-desk-no-source-${edition}`;
  const [refused, setRefused] = useState(() => refusedIn(refusedKey));
  const latest = useRef(edition);
  latest.current = edition;
  const load = async () => {
    const answer = await api.sources(edition);
    if (answer.type === 'ok' && latest.current === edition) setList(answer.value);
    return answer;
  };
  useEffect(() => {
    setList(null);
    void load();
  }, [edition]);
  const known = [...(list?.sources ?? seededSources(site.sources, edition)), ...own];
  const keys = new Set(known.map(({ name }) => sourceKey(name)));
  const isKnown = (name: string) => keys.has(sourceKey(name));
  const keep = async (source: Source): Promise<Problem | null> => {
    // Twice: a colleague may have confirmed another one since the list was read.
    for (let attempt = 0; ; attempt++) {
      const read = attempt === 0 && list ? ({ type: 'ok', value: list } as const) : await load();
      if (read.type === 'problem') return read.problem;
      const { sources, etag } = read.value;
      const confirmed = sources.filter(({ isSeed }) => !isSeed).map(({ name, kind }) => ({ name, kind }));
      const answer = await api.confirmSources(edition, [...confirmed, source], etag);
      if (answer.type === 'ok') {
        setList(answer.value);
        return null;
      }
      if (answer.problem.status !== 412 || attempt > 0) return answer.problem;
    }
  };
  return {
    known,
    isKnown,
    unknownIn: (line) => {
      const name = colonPart(line)?.before ?? '';
      const isTooLong = graphemes(name).length > longestAttribution;
      return name === '' || isTooLong || isKnown(name) || refused.includes(sourceKey(name)) ? null : name;
    },
    confirm: async (name, kind) => {
      setOwn([...own, { name, kind }]);
      return isTest || !mayPublish ? null : keep({ name, kind });
    },
    refuse: (name) => {
      const all = [...refused, sourceKey(name)];
      setRefused(all);
      write(storageOf(window), refusedKey, { names: all });
    },
  };
}

function refusedIn(key: string): readonly string[] {
  const { names } = read(storageOf(window), key);
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
}
