import { useEffect, useState } from 'preact/hooks';
import { numberText } from '../../strings/message.ts';
import { useNow } from '../browser/live.ts';
import { useDesk } from '../desk-context.ts';
import type { Delivery } from '../remote/desk-api.ts';
import type { DeskItem } from '../remote/desk-item.ts';
import { useWords } from '../words/words.ts';
import { ReachLine } from './reach-line.tsx';

interface DeliveryClockProps {
  readonly item: DeskItem;
  /** `performance.now()` when the key was pressed. */
  readonly pressedAt: number;
  /** The requested version; null until the API has answered. */
  readonly version: number | null;
}

const everyMs = 80;
const askForMs = 30_000;

/** The time from the press until every fan-out process has proven the entry. Then it stops. */
export function DeliveryClock({ item, pressedAt, version }: DeliveryClockProps) {
  const { api } = useDesk();
  const { words, say } = useWords();
  const [delivery, setDelivery] = useState<Delivery | null>(null);
  const [provenAt, setProvenAt] = useState<number | null>(null);
  useNow(50, provenAt === null);
  useEffect(() => {
    setDelivery(null);
    setProvenAt(null);
    if (version === null) return;
    let isOver = false;
    const ask = async () => {
      while (!isOver && performance.now() - pressedAt < askForMs) {
        const answer = await api.delivery(item.id);
        if (isOver) return;
        if (answer.type === 'ok') {
          setDelivery(answer.value);
          const newest = answer.value.proofs.find((proof) => proof.version >= version);
          if (newest?.isProven) return setProvenAt(performance.now());
        }
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
    };
    void ask();
    return () => {
      isOver = true;
    };
  }, [api, item.id, pressedAt, version]);
  const totalMs = (provenAt ?? performance.now()) - pressedAt;
  const newest = delivery?.proofs.find((proof) => proof.version >= (version ?? Number.POSITIVE_INFINITY)) ?? null;
  return (
    <div class="delivery" role="status" data-version={version ?? undefined}>
      {newest ? (
        <ReachLine reach={newest} totalMs={totalMs} />
      ) : (
        <p class="reach unproven">
          <span class="clock">{say(words.reach.clock, { seconds: (totalMs / 1_000).toFixed(2) })}</span>
          <span class="verdict">{words.reach.unproven}</span>
        </p>
      )}
      {delivery?.painted && (
        <p class="estimate">
          {say(words.reach.estimate, {
            count: delivery.painted.samples,
            ms: numberText(delivery.painted.halfWithinMs, words.language),
          })}
        </p>
      )}
    </div>
  );
}
