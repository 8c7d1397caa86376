import { canaryEdition } from '../item/canary.ts';

export interface CanaryPostDeps {
  /** The desk API at the private listener of this process, such as http://127.0.0.1:40123. */
  readonly url: string;
  readonly key: string;
  /** Is in the text of the canary. */
  readonly process: string;
  readonly everyMs?: number;
  onAccepted(): void;
  onFailed(reason: string): void;
}

const everyTenSeconds = 10_000;
const whenAllListenMs = 2_000;

/**
 * Posts a canary every 10 s over HTTP, as the desk does. The first goes out at once, the second after 2 s, when all processes
 * listen. Returns a function that stops it.
 */
export function startCanaryPost(deps: CanaryPostDeps): () => void {
  let isPosting = false;
  const post = async () => {
    if (isPosting) return;
    isPosting = true;
    await postOne(deps);
    isPosting = false;
  };
  const timer = setInterval(() => void post(), deps.everyMs ?? everyTenSeconds);
  const soon = setTimeout(() => void post(), whenAllListenMs);
  void post();
  return () => {
    clearInterval(timer);
    clearTimeout(soon);
  };
}

async function postOne({ url, key, process, onAccepted, onFailed }: CanaryPostDeps): Promise<void> {
  try {
    const answer = await fetch(`${url}/v1/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ edition: canaryEdition.id, urgency: 'update', headline: `canary of ${process}` }),
      signal: AbortSignal.timeout(5_000),
    });
    await answer.arrayBuffer();
    if (answer.ok) onAccepted();
    else onFailed(`status ${answer.status}`);
  } catch (error) {
    onFailed(error instanceof Error ? error.message : String(error));
  }
}
