interface Naming {
  readonly type: 'flashwire:name';
  readonly name: string;
}

/** Sends the name of this process in the roll call to its supervisor, if it has one. */
export function sendName(name: string): void {
  process.send?.({ type: 'flashwire:name', name } satisfies Naming);
}

/** The name in a message of `sendName`; null for any other message. */
export function nameIn(message: unknown): string | null {
  return isNaming(message) ? message.name : null;
}

function isNaming(message: unknown): message is Naming {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    message.type === 'flashwire:name' &&
    'name' in message &&
    typeof message.name === 'string'
  );
}
