import { opcodes } from './frame-parser.ts';
import { CutMessageParser, type MessageSink } from './message-parser.ts';

const lineFeed = 0x0a;
const data = Buffer.from('data: ');

/** A `text/event-stream` as Flashwire writes it: an event is lines, one of them `data: `, and an empty line. */
export class EventParser extends CutMessageParser {
  protected override take(bytes: Buffer, at: number, end: number, sink: MessageSink): number {
    const stop = endOfEvent(bytes, at, end);
    if (stop < 0) return -1;
    const start = bytes.indexOf(data, at);
    if (start >= 0 && start < stop)
      sink.onMessage(opcodes.text, bytes, start + data.length, bytes.indexOf(lineFeed, start));
    return stop;
  }
}

/** Behind the empty line, or -1 when it is not there yet. */
function endOfEvent(bytes: Buffer, from: number, end: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0 && at + 1 < end; at = bytes.indexOf(lineFeed, at + 1))
    if (bytes[at + 1] === lineFeed) return at + 2;
  return -1;
}
