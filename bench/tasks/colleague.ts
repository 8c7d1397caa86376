import type { Page } from 'playwright-core';
import { watchPaints } from '../run/paints.ts';
import type { Hands } from './hands.ts';

/**
 * One editor sends lines, and the desk of another one shows them: ms from the answer to each POST until the row is painted.
 * A row may be painted before the answer has arrived.
 */
export async function timesToColleague(
  { page, hands }: { readonly page: Page; readonly hands: Hands },
  colleague: Page,
  count: number,
): Promise<readonly number[]> {
  await watchPaints(colleague, 'data-id');
  const times: number[] = [];
  for (let line = 1; line <= count; line++) {
    const answer = page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/v1/items'),
    );
    await hands.type(`AFP: Line ${line} for a colleague`);
    await hands.press('Ctrl+Enter');
    const { id } = (await (await answer).json()) as { readonly id: string };
    await page.locator(`[data-id="${id}"]`).waitFor();
    const painted = await colleague.waitForFunction(
      (of) => (globalThis as unknown as { paints: Record<string, number> }).paints[of],
      id,
    );
    times.push(Math.max(0, Number(await painted.jsonValue()) - (await answeredAt(page))));
  }
  return times;
}

/** When the newest POST of a line was answered, ms since 1970. */
function answeredAt(page: Page): Promise<number> {
  return page.evaluate(() => {
    const posts = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/v1/items'));
    const newest = posts.at(-1);
    return performance.timeOrigin + (newest instanceof PerformanceResourceTiming ? newest.responseEnd : Number.NaN);
  });
}
