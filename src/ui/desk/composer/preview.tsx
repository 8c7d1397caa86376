import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { lineOf, type MoreFields, type UsableItem } from '../../../item/item.ts';
import { labelIn, type SiteFacet } from '../../../item/site.ts';
import { stringsOf } from '../../strings/strings.ts';
import { useDesk, useEdition } from '../desk-context.ts';
import type { PreviewHeight, PreviewMessage } from '../preview/preview-message.ts';
import type { ItemFields } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';

/** The fields that readers see. */
export type ShownFields = Pick<
  ItemFields,
  'headline' | 'attribution' | 'urgency' | 'sections' | 'regions' | 'topics' | 'url' | 'correction' | keyof MoreFields
>;

/** Widths of the window that a reader sees the line in, px. */
const widths = { phone: 390, wide: 800 } as const;

/**
 * The line in the ticker and on the live page, drawn by the scripts and sheets that readers get, in a window of a phone and in
 * a wide one, each scaled to the room that there is.
 */
export function Preview({ fields }: { readonly fields: ShownFields }) {
  const { site } = useDesk();
  const edition = useEdition();
  const { words, say } = useWords();
  const urgency = stringsOf('ticker', edition.language).urgency[fields.urgency];
  const key = JSON.stringify([fields, edition.id]);
  const message = useMemo((): PreviewMessage => {
    const labelsOf = (facets: readonly SiteFacet[]) =>
      facets.map(({ id, labels }) => ({ id, label: labelIn(labels, edition.language) ?? id }));
    const { sections, regions, topics } = site;
    const labels = { sections: labelsOf(sections), regions: labelsOf(regions), topics: labelsOf(topics) };
    return { item: shownItem(fields, edition), edition, labels };
  }, [key, site]);
  return (
    <div class="previews">
      {/* Readers of a screen get the text; the frames are a picture of it. */}
      <p class="unseen reads" lang={edition.language} dir={edition.dir}>
        {urgency} {lineOf(fields)}
      </p>
      {(['phone', 'wide'] as const).map((name) => (
        <figure key={name} class={`preview ${name}`} aria-hidden="true">
          <figcaption>{say(words.review.widths[name], { width: widths[name] })}</figcaption>
          <Frame
            width={widths[name]}
            title={say(words.review.widths[name], { width: widths[name] })}
            message={message}
          />
        </figure>
      ))}
    </div>
  );
}

interface FrameProps {
  readonly width: number;
  readonly title: string;
  readonly message: PreviewMessage;
}

/** One window. Its page says how high it is, and asks for the line by that. */
function Frame({ width, title, message }: FrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(0);
  const [room, setRoom] = useState(width);
  const post = () => frame.current?.contentWindow?.postMessage(message, location.origin);
  const latest = useRef(post);
  latest.current = post;
  useEffect(() => {
    let isAsked = false;
    const onMessage = (event: MessageEvent<PreviewHeight>) => {
      if (event.source !== frame.current?.contentWindow || event.origin !== location.origin) return;
      if (!isAsked) latest.current();
      isAsked = true;
      setHeight(event.data.height);
    };
    addEventListener('message', onMessage);
    return () => removeEventListener('message', onMessage);
  }, []);
  useEffect(() => {
    post();
  }, [message]);
  useEffect(() => {
    const watcher = new ResizeObserver(() => setRoom(box.current?.clientWidth ?? width));
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const scale = Math.min(1, room / width);
  return (
    <div class="window" ref={box} style={{ blockSize: `${height * scale}px` }}>
      <iframe
        ref={frame}
        src="/desk.preview"
        title={title}
        tabIndex={-1}
        inert
        style={{ inlineSize: `${width}px`, blockSize: `${height}px`, transform: `scale(${scale})` }}
      />
    </div>
  );
}

/** As readers get it at the moment at which it is published. */
function shownItem(fields: ShownFields, { id, language, dir }: PreviewMessage['edition']): UsableItem {
  const now = new Date().toISOString();
  const {
    headline,
    attribution,
    urgency,
    sections,
    regions,
    topics,
    url,
    correction,
    paragraphs,
    links,
    image,
    quote,
  } = fields;
  return {
    id: 'preview',
    version: 1,
    place: 1,
    status: 'usable',
    edition: id,
    language,
    dir,
    publishedAt: now,
    updatedAt: now,
    headline,
    urgency,
    sections,
    regions,
    topics,
    ...(attribution !== undefined && { attribution }),
    ...(url !== undefined && { url }),
    ...(paragraphs && { paragraphs }),
    ...(links && { links }),
    ...(image && { image }),
    ...(quote && { quote }),
    ...(correction && { correction: { ...correction, at: now } }),
  };
}
