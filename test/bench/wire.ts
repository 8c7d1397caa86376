/** A server's WebSocket frame as RFC 6455 5.2 lays it out: header and unmasked payload. */
export function serverFrame(payload: Buffer, opcode = 1, isFinal = true): Buffer {
  const first = (isFinal ? 0x80 : 0) | opcode;
  const length = payload.length;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

export function snapshot(seq: number, epoch = 'epoch001'): string {
  return JSON.stringify({
    type: 'snapshot',
    epoch,
    seq,
    items: [],
    more: false,
    reason: 'start',
    beatMs: 20_000,
    stale: false,
    retry: { afterMs: 0, withinMs: 20 },
  });
}

export function resumed(seq: number, missed: number, epoch = 'epoch001'): string {
  return JSON.stringify({
    type: 'resumed',
    epoch,
    seq,
    missed,
    beatMs: 20_000,
    stale: false,
    retry: { afterMs: 0, withinMs: 20 },
  });
}

export function item(seq: number, prev = seq - 1): string {
  const at = '2026-02-03T04:05:06.000Z';
  return JSON.stringify({
    type: 'item',
    seq,
    prev,
    change: 'new',
    item: { id: `item-${seq}`, version: 1, place: seq, headline: `Line ${seq}`, publishedAt: at, updatedAt: at },
  });
}

export function beat(seq: number, prev: number): string {
  return JSON.stringify({ type: 'beat', seq, prev, stale: false });
}
