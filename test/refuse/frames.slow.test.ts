import { describe, expect, test } from 'vitest';
import { type FanoutServer, serveFanout, TestReader, until } from '../resources/fanout-server.ts';
import { facets, MemoryLog } from '../resources/memory-log.ts';
import { FrameClient } from './clients/frame-client.ts';
import { closes } from './rows/close-rows.ts';
import { fragments } from './rows/fragment-rows.ts';
import type { FrameRow } from './rows/frame-row.ts';
import { declared, lengths, pings, reservedBits, reservedOpcodes, unmasked } from './rows/framing-rows.ts';
import { texts } from './rows/text-rows.ts';

const tables = { lengths, declared, pings, reservedBits, reservedOpcodes, unmasked, fragments, texts, closes };
const total = Object.values(tables).reduce((sum, rows) => sum + rows.length, 0);

/** The faults in the outcome of a row; empty if there are none. */
async function play(row: FrameRow, server: FanoutServer, log: MemoryLog, beside: TestReader): Promise<string[]> {
  using client = await FrameClient.open(server.port);
  const faults: string[] = [];
  const isSo = async (condition: () => boolean, what: string) => {
    await until(condition, what, 5_000).catch(() => faults.push(`${row.name}: ${what}`));
  };
  if (row.isChopped) await client.sendInOctets(Buffer.concat(row.send));
  else client.send(...row.send);
  if (row.close !== null) {
    await isSo(() => client.isEnded, 'the connection ends');
    if (client.closeCode !== row.close) faults.push(`${row.name}: closed with ${client.closeCode}, not ${row.close}`);
    if (row.reason !== undefined && client.closeReason !== row.reason)
      faults.push(`${row.name}: the reason is "${client.closeReason}"`);
    // No fragment of the next message may follow the close frame.
    if (client.frames.at(-1)?.opcode !== 8) faults.push(`${row.name}: something came behind the close frame`);
  }
  if (row.pongs && row.close === null) await isSo(() => client.pongs.length >= (row.pongs?.length ?? 0), 'all pongs');
  const { seq } = log.publish(`item-${log.seq + 1}`, facets());
  await isSo(() => beside.seqs.at(-1) === seq, 'the reader beside it gets the next entry');
  if (row.close === null) await isSo(() => client.seqs.at(-1) === seq, 'it gets the next entry itself');
  const pongs = client.pongs.map((payload) => payload.toString('hex'));
  const expected = row.pongs?.map((payload) => Buffer.from(payload).toString('hex')) ?? pongs;
  if (pongs.join() !== expected.join()) faults.push(`${row.name}: ${pongs.length} pongs, not ${expected.length}`);
  return faults;
}

describe(`frames of RFC 6455, right and wrong: ${total} rows`, () => {
  test.each(Object.entries(tables).map(([name, rows]) => [name, rows.length, rows] as const))(
    'WS-6: %s (%i rows) each get their answer, and another client is not disturbed',
    async (_name, _count, rows) => {
      const log = new MemoryLog();
      await using server = await serveFanout(log);
      using beside = new TestReader(server.port, 'edition=en');
      await beside.frame('snapshot');
      const faults: string[] = [];
      for (const row of rows) faults.push(...(await play(row, server, log, beside)));
      expect(faults).toEqual([]);
      await until(() => server.fanout.stats().connections === 1, 'nobody but the reader beside is left');
      expect(beside.closeCode).toBeNull();
      expect(beside.seqs).toEqual(Array.from({ length: rows.length }, (_, index) => index + 1));
    },
  );
});
