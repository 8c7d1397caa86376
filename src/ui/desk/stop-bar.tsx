import { useCallback, useEffect, useState } from 'preact/hooks';
import type { DeskApi, Problem, Stopped } from './desk-api.ts';
import { ProblemBox } from './problem-box.tsx';

const pollMs = 2_000;

/** The STOP switch, and across the page, while it is on, who has pulled it. No question stands in front of it. */
export function StopBar({ api, mayPublish }: { readonly api: DeskApi; readonly mayPublish: boolean }) {
  const [stopped, setStopped] = useState<Stopped | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const refresh = useCallback(async () => {
    const answer = await api.stopped();
    if (answer.type === 'ok') setStopped(answer.value);
  }, [api]);
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void refresh();
    }, pollMs);
    return () => clearInterval(timer);
  }, [refresh]);
  const turn = async (isStopped: boolean) => {
    const answer = await api.turnStop(isStopped);
    if (answer.type === 'ok') setStopped(answer.value);
    setProblem(answer.type === 'problem' ? answer.problem : null);
  };
  return (
    <>
      <div class={`stop ${stopped ? 'on' : ''}`} role={stopped ? 'alert' : undefined}>
        {stopped && (
          <p>
            <strong>STOP</strong>, by {stopped.by} at {new Date(stopped.at).toLocaleTimeString('en-GB')}. Publishes and
            corrections are held for everyone; hide and retract work.
          </p>
        )}
        {mayPublish && (
          <button type="button" class={stopped ? '' : 'danger-quiet'} onClick={() => turn(!stopped)}>
            {stopped ? 'Let everything that is held go out' : 'STOP everything that goes out'}
          </button>
        )}
      </div>
      <ProblemBox problem={problem} />
    </>
  );
}
