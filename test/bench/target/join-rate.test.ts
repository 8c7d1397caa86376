import { expect, test } from 'vitest';
import { joinedOf } from '../../../bench/target/join-rate.ts';

test('readers that were answered with resumed or a snapshot have joined', () => {
  expect(
    joinedOf(`flashwire_resumed_total{role="fanout"} 12
flashwire_snapshots_total{reason="start",role="fanout"} 300
flashwire_snapshots_total{reason="gap",role="fanout"} 4
flashwire_refused_total{reason="busy",role="fanout"} 7
`),
  ).toBe(316);
});
