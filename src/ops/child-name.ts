interface Naming {
  readonly type: 'flashwire:name';
  readonly name: string;
}

/** Tells the supervisor of this process, if it has one, under which name it calls the roll. */
export function tellName(name: string): void {
  process.send?.({ type: 'flashwire:name', name } satisfies Naming);
}

/** The name that a child has told; null for any other message. */
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
