import { useState } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk } from '../desk-context.ts';
import type { Problem } from '../remote/desk-api.ts';
import { useTimes } from '../words/times.ts';
import { useWords } from '../words/words.ts';
import { ReleaseList } from './release-list.tsx';

/**
 * The stop switch. Every editor may pull it, without a second question. While it is pulled it is shown across the page. Its
 * release begins with a list of what will go out.
 */
export function StopBar({ onTurned }: { onTurned(): void }) {
  const { api, stopped, mayPublish } = useDesk();
  const { words, say } = useWords();
  const { clock } = useTimes();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isReleasing, setReleasing] = useState(false);
  const turn = async (isStopped: boolean) => {
    const answer = await api.turnStop(isStopped);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    setReleasing(false);
    onTurned();
  };
  return (
    <>
      <div class={`stop ${stopped ? 'on' : ''}`} role={stopped ? 'alert' : undefined}>
        {stopped && <p>{say(words.stop.pulled, { name: stopped.by, time: clock(Date.parse(stopped.at)) })}</p>}
        {mayPublish && !(stopped && isReleasing) && (
          <button
            type="button"
            class={stopped ? '' : 'danger-quiet'}
            onClick={() => (stopped ? setReleasing(true) : turn(true))}
          >
            {stopped ? words.stop.release : words.stop.pull}
          </button>
        )}
      </div>
      {stopped && isReleasing && <ReleaseList onRelease={() => turn(false)} onKeep={() => setReleasing(false)} />}
      <ProblemBox problem={problem} />
    </>
  );
}
