import type { ItemLink, MoreFields } from '../../../item/item.ts';

/** What is in the boxes below the line, as an editor types it. */
export interface BelowFields {
  /** One a line. */
  readonly paragraphs: string;
  readonly quote: string;
  readonly quoteBy: string;
  readonly image: string;
  readonly alt: string;
  readonly credit: string;
  /** Pixels. */
  readonly width: string;
  readonly height: string;
  /** One a line: the text, a space, the address. */
  readonly links: string;
}

export const nothingBelow: BelowFields = {
  paragraphs: '',
  quote: '',
  quoteBy: '',
  image: '',
  alt: '',
  credit: '',
  width: '',
  height: '',
  links: '',
};

export function isEmpty(below: BelowFields): boolean {
  return Object.values(below).every((text) => text.trim() === '');
}

/** The boxes as the fields of an item. What is half filled is sent as it is: the API says what is missing. */
export function moreOf(below: BelowFields): MoreFields {
  const { paragraphs, links } = { paragraphs: linesIn(below.paragraphs), links: linesIn(below.links).map(linkIn) };
  const quote = { text: below.quote.trim(), by: below.quoteBy.trim() };
  const [url, alt, credit] = [below.image.trim(), below.alt.trim(), below.credit.trim()];
  return {
    ...(paragraphs.length > 0 && { paragraphs }),
    ...(links.length > 0 && { links }),
    ...([url, alt, credit].some((text) => text !== '') && {
      image: {
        url,
        alt,
        ...(credit !== '' && { credit }),
        width: Number(below.width),
        height: Number(below.height),
      },
    }),
    ...((quote.text !== '' || quote.by !== '') && { quote }),
  };
}

/** The fields of an item, for the boxes. */
export function belowOf({ paragraphs = [], links = [], image, quote }: MoreFields): BelowFields {
  return {
    paragraphs: paragraphs.join('\n'),
    quote: quote?.text ?? '',
    quoteBy: quote?.by ?? '',
    image: image?.url ?? '',
    alt: image?.alt ?? '',
    credit: image?.credit ?? '',
    width: image ? String(image.width) : '',
    height: image ? String(image.height) : '',
    links: links.map(({ text, url }) => `${text} ${url}`).join('\n'),
  };
}

function linesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** An address alone is its own text. */
function linkIn(line: string): ItemLink {
  const url = line.split(/\s+/).at(-1) ?? '';
  const text = line.slice(0, line.length - url.length).trim();
  return { text: text === '' ? url : text, url };
}
