import type { ChainableCommander } from 'ioredis';

/** Replies to a pipeline or a transaction, which is one packet. Throws the first error among them. */
export async function repliesOf(commands: ChainableCommander): Promise<readonly unknown[]> {
  const replies = await commands.exec();
  if (!replies) throw new Error('Redis gave no reply to a transaction');
  return replies.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}
