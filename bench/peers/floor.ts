import { compileNative } from '../process/native.ts';
import type { Peer } from './peer.ts';
import { findProgram, startProgram } from './program.ts';

/** A loop of send() in C: no server that makes one system call a frame can cost less. */
export const floor = floorPeer('floor', 'C loop of send(): the floor', []);

/** The same, sending each reader all it lacks in one call. */
export const coalescingFloor = floorPeer('floor-coalesce', 'C, one send() a wake-up', ['--coalesce']);

/** The same with io_uring, which Flashwire does not use: it holds sockets and buffers beyond the call (docs/decisions/0008). */
export const uringFloor = { ...floorPeer('floor-io-uring', 'C, io_uring', ['--io-uring']), isByNameOnly: true };

function floorPeer(name: string, label: string, flags: readonly string[]): Peer {
  return {
    name,
    label,
    hasLog: false,
    ways: 'plain',
    missing: () => (findProgram('cc') === null ? 'a C compiler (cc)' : null),
    async start(options) {
      const program = await compileNative('floor');
      try {
        return await startProgram(
          { name, command: program.path, args: (port) => [String(port), ...flags], path: '/', dialect: 'plain' },
          options,
        );
      } finally {
        // It runs by now, and needs its file no more.
        await program[Symbol.asyncDispose]();
      }
    },
  };
}
