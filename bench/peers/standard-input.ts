/** Calls back for each length-prefixed message on standard input; the process ends with it. */
export function readMessages(onMessage: (text: string) => void): void {
  let held = Buffer.alloc(0);
  process.stdin.on('data', (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const end = 4 + held.readUInt32BE(0);
      onMessage(held.toString('utf8', 4, end));
      held = held.subarray(end);
    }
  });
  process.stdin.on('end', () => process.exit(0));
}
