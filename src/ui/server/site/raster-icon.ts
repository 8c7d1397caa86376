import { crc32, deflateSync } from 'node:zlib';
import type { Pair } from '../../../item/contrast.ts';

/**
 * A PNG for what shows no SVG (home screens, old readers of feeds): a disc on the colour of the site. Letters would need a
 * font.
 */
export function discPng(size: number, { background, text }: Pair): Buffer {
  const [middle, radius] = [(size - 1) / 2, size * 0.3];
  const rows = Array.from({ length: size }, (_, y) =>
    Buffer.from([0, ...Array.from({ length: size }, (_, x) => (Math.hypot(x - middle, y - middle) <= radius ? 1 : 0))]),
  );
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 3], 8); // 8 bits a pixel, an index into the palette
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(background.slice(1) + text.slice(1), 'hex')),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** An ICO file of one PNG. 0 stands for 256 pixels or more. */
export function icoOf(png: Buffer): Buffer {
  const side = Math.min(png.readUInt32BE(16), 256) % 256;
  const header = Buffer.alloc(22);
  header.set([0, 0, 1, 0, 1, 0, side, side], 0);
  header.writeUInt16LE(1, 10);
  header.writeUInt16LE(32, 12);
  header.writeUInt32LE(png.length, 14);
  header.writeUInt32LE(header.length, 18);
  return Buffer.concat([header, png]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
