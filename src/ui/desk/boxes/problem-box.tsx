import { isOutcomeUnknown, type Problem } from '../remote/desk-api.ts';
import { useWords } from '../words/words.ts';

/** The problem, and the field of each error. The API's text is English, so it is marked as such. */
export function ProblemBox({ problem }: { readonly problem: Problem | null }) {
  const { words } = useWords();
  if (!problem) return null;
  // It is read after the next sign-in: until then the desk is out of sight.
  if (problem.status === 401)
    return (
      <div class="problem" role="alert">
        <p>{words.problem.sessionOver}</p>
      </div>
    );
  const isUnanswered = isOutcomeUnknown(problem);
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{isUnanswered ? words.problem.noAnswer : words.problem.refused}</strong>{' '}
        {isUnanswered ? (
          words.problem.unknown
        ) : (
          <bdi lang="en" dir="ltr">
            {problem.detail === '' ? problem.title : problem.detail}
          </bdi>
        )}
      </p>
      {problem.errors.length > 0 && (
        <ul lang="en" dir="ltr">
          {problem.errors.map((error) => (
            <li key={`${error.pointer} ${error.detail}`}>
              <code>{error.pointer === '' ? '/' : error.pointer}</code> {error.detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
