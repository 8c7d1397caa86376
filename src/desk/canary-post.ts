import { canaryEdition } from '../item/canary.ts';

export interface CanaryPostDeps {
  /** The desk API behind this process' own door, such as http://127.0.0.1:40123. */
  readonly url: string;
  readonly key: string;
  /** Shows in the canary's text whose it is. */
  readonly process: string;
  readonly everyMs?: number;
  onAccepted(): void;
  onFailed(reason: string): void;
}

const everyTenSeconds = 10_000;

/** Posts a canary every 10 s over HTTP, as a desk would. The first one at once. Returns what ends it. */
export function startCanaryPost(deps: CanaryPostDeps): () => void {
  let isPosting = false;
  const post = async () => {
    if (isPosting) return;
    isPosting = true;
    await postOne(deps);
    isPosting = false;
  };
  const timer = setInterval(() => void post(), deps.everyMs ?? everyTenSeconds);
  void post();
  return () => clearInterval(timer);
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
