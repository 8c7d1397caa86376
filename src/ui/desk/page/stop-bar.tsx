import { useState } from 'preact/hooks';
import { ProblemBox } from '../boxes/problem-box.tsx';
import { useDesk } from '../desk-context.ts';
import type { Problem, Stopped } from '../remote/desk-api.ts';
import { useWords } from '../words/words.ts';

interface StopBarProps {
  readonly stopped: Stopped | null;
  onTurned(): void;
}

/** The stop switch. Every editor may pull it, without a second question. While it is pulled it is shown across the page. */
export function StopBar({ stopped, onTurned }: StopBarProps) {
  const { api, mayPublish } = useDesk();
  const { words, say } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = async (isStopped: boolean) => {
    const answer = await api.turnStop(isStopped);
    setProblem(answer.type === 'problem' ? answer.problem : null);
    onTurned();
  };
  return (
    <>
      <div class={`stop ${stopped ? 'on' : ''}`} role={stopped ? 'alert' : undefined}>
        {stopped && (
          <p>{say(words.stop.pulled, { name: stopped.by, time: new Date(stopped.at).toLocaleTimeString('en-GB') })}</p>
        )}
        {mayPublish && (
          <button type="button" class={stopped ? '' : 'danger-quiet'} onClick={() => turn(!stopped)}>
            {stopped ? words.stop.letGo : words.stop.pull}
          </button>
        )}
      </div>
      <ProblemBox problem={problem} />
    </>
  );
}
