import { startSeq } from '../readers/dialect.ts';
import { dueLink } from '../readers/due-link.ts';

/**
 * What every peer sends: the text of a Flashwire `item` frame, as long as those that Flashwire itself sends for the items of
 * the bench. Message 0 is the one after `startSeq`.
 */
export function payload(index: number, dueAt: number): { readonly id: string; readonly text: string } {
  const id = `01K0000000000000000000${String(index).padStart(4, '0')}`;
  const seq = startSeq + 1 + index;
  const at = new Date().toISOString();
  const item = {
    id,
    version: 1,
    place: seq,
    edition: 'en',
    language: 'en',
    dir: 'ltr',
    headline: `Load test line ${index + 1} of 60: the ferry to the northern islands sails again after three days`,
    attribution: 'Bench',
    urgency: 'update',
    status: 'usable',
    sections: ['miscellaneous'],
    regions: [],
    topics: [],
    url: dueLink(dueAt),
    publishedAt: at,
    updatedAt: at,
  };
  return { id, text: JSON.stringify({ type: 'item', seq, prev: seq - 1, change: 'new', item }) };
}

/** A message for a program that takes them on its standard input: 4 bytes of length, big-endian, and the text. */
export function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
