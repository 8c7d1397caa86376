import type { Problem } from './desk-api.ts';

/** What was refused and why, with the field that each error is about. */
export function ProblemBox({ problem }: { readonly problem: Problem | null }) {
  if (!problem) return null;
  return (
    <div class="problem" role="alert">
      <p>
        <strong>{problem.title}</strong> {problem.detail !== problem.title && problem.detail}
      </p>
      {problem.errors.length > 0 && (
        <ul>
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
