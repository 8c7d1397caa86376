import { measureAttacks } from '../attack/measure.ts';
import type { Measurement } from '../figures/figure.ts';
import { OptionError } from '../run/option.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { measureSilence } from './silence.ts';

/** Somebody without a key does whatever costs a server something; or opens connections as fast as they can, and says nothing. */
export const flood = defineScenario({
  name: 'flood',
  summary:
    'An attacker without a key asks for whatever costs most, with the limits as shipped: do readers lose anything by it.',
  options: {
    mode: {
      default: 'attack',
      help: 'attack; or silence: thousands of connections per second that send nothing',
    },
    readers: { default: 1_000, min: 1, help: 'readers; of an attack in equal parts over WebSocket, SSE and polls' },
    seconds: { default: 0, help: 'seconds of the flood; 0: 300 of an attack, 20 of silence' },
    'control-seconds': {
      default: 0,
      help: 'attack: seconds of the same requests against a stand-in; 0: as long as the attack',
    },
    'before-seconds': { default: 10, min: 1, help: 'seconds of posting without the flood' },
    way: {
      default: 'both',
      help: 'attack: nginx (as shipped, in front of two fan-outs), direct (one fan-out) or both',
    },
    connections: { default: 16, min: 1, help: 'attack: connections at a time' },
    addresses: {
      default: 0,
      help: 'addresses of 127.0.0.0/8 that it comes from; 0: an attack once from 1 and once from 1,000, silence from 250',
    },
    rate: { default: 10, min: 1, help: 'silence: items a second' },
    'item-bytes': { default: 500, min: 500, help: 'silence: bytes of an item' },
    'flood-rate': { default: 10_000, min: 1, help: 'silence: connections a second that it tries to open' },
  },
  run: measureFlood,
});

type FloodValues = CommonValues & {
  readonly mode: string;
  readonly readers: number;
  readonly seconds: number;
  readonly 'before-seconds': number;
  readonly 'control-seconds': number;
  readonly way: string;
  readonly connections: number;
  readonly addresses: number;
  readonly rate: number;
  readonly 'item-bytes': number;
  readonly 'flood-rate': number;
};

function measureFlood(values: FloodValues, bench: Bench): Promise<Measurement> {
  if (values.mode === 'attack') return measureAttacks({ ...values, seconds: values.seconds || 300 }, bench);
  if (values.mode === 'silence')
    return measureSilence({ ...values, seconds: values.seconds || 20, addresses: values.addresses || 250 }, bench);
  throw new OptionError(`--mode: attack or silence, not "${values.mode}"`);
}
