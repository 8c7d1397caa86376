import type { Browser, Page } from 'playwright-core';
import { BenchError } from '../process/bench-error.ts';
import type { Bench, CommonValues } from '../run/scenario.ts';
import type { Stage } from '../run/stage.ts';

/** From the call of the desk to the last surface that shows it, for each time that it was done. */
export interface SurfaceTimes {
  readonly change: 'correction' | 'hide' | 'release' | 'retraction';
  readonly ms: readonly number[];
}

interface SurfaceDeps {
  readonly browser: Browser;
  readonly stage: Stage;
  readonly values: CommonValues & { readonly changes: number };
  readonly bench: Bench;
}

const topic = 'bench-surfaces';

/** Opens the front page (with its ticker), the live, topic and item pages; reads the feeds beside them; changes items and waits. */
export async function changeSurfaces(deps: SurfaceDeps): Promise<readonly SurfaceTimes[]> {
  const { stage, values } = deps;
  const times = {
    correction: [] as number[],
    hide: [] as number[],
    release: [] as number[],
    retraction: [] as number[],
  };
  for (let round = 1; round <= values.changes; round++) {
    const headline = `Surface line ${round} as it was first`;
    const corrected = `Surface line ${round} put right`;
    const body = { edition: values.edition, headline, urgency: 'urgent', sections: ['miscellaneous'], topics: [topic] };
    const { id } = await call(stage, 'POST', '/v1/items', body);
    await using surfaces = await openSurfaces(deps, id);
    await surfaces.wait(headline, true);
    const correction = { kind: 'corrected', note: 'It was wrong.' };
    const act = async (change: SurfaceTimes['change'], isThere: boolean, send: () => Promise<unknown>) => {
      const start = deps.bench.clock();
      await Promise.all([send(), surfaces.wait(corrected, isThere)]);
      times[change].push(deps.bench.clock() - start);
    };
    await act('correction', true, () =>
      call(stage, 'PUT', `/v1/items/${id}`, { ...body, headline: corrected, correction }, { 'if-match': '"1"' }),
    );
    await act('hide', false, () => call(stage, 'POST', `/v1/items/${id}/withhold`, {}));
    await act('release', true, () => call(stage, 'POST', `/v1/items/${id}/release`, {}));
    await act('retraction', false, () =>
      call(stage, 'POST', `/v1/items/${id}/retract`, { reason: 'bench', notice: 'A line of the bench was withdrawn.' }),
    );
  }
  return (['correction', 'hide', 'release', 'retraction'] as const)
    .filter((change) => times[change].length > 0)
    .map((change) => ({ change, ms: times[change] }));
}

async function openSurfaces({ browser, stage, values }: SurfaceDeps, id: string) {
  const { feedUrl } = stage.system;
  const context = await browser.newContext();
  const pages: Page[] = [];
  for (const path of [
    `/?edition=${values.edition}`,
    `/live/${values.edition}`,
    `/topic/${values.edition}/${topic}`,
    `/item/${id}`,
  ]) {
    const page = await context.newPage();
    await page.goto(feedUrl + path);
    await page.locator('html.has-script').waitFor();
    pages.push(page);
  }
  const feeds = ['rss', 'atom', 'json'].map((format) => `${feedUrl}/feeds/${values.edition}.${format}`);
  const seen = () => Promise.all([...pages.map(textOf), ...feeds.map(async (url) => (await fetch(url)).text())]);
  return {
    async wait(text: string, isThere: boolean): Promise<void> {
      const deadline = Date.now() + 10_000;
      while ((await seen()).some((surface) => surface.includes(text) !== isThere))
        if (Date.now() > deadline)
          throw new BenchError(`"${text}" is ${isThere ? 'not' : 'still'} on every surface after 10 s`);
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** The news of a page, its JSON-LD and what its ticker says. */
function textOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const tickers = [...document.querySelectorAll('breaking-ticker')].map((ticker) => ticker.shadowRoot?.textContent);
    const ids = ['news', 'json-ld'].map((id) => document.getElementById(id)?.textContent ?? '');
    return [...tickers, ...ids].join(' ');
  });
}

async function call(
  { system }: Stage,
  method: string,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string }> {
  const response = await fetch(system.apiUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${system.key}`,
      'content-type': 'application/json',
      prefer: 'wait=5',
      ...headers,
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { readonly id: string };
  if (!response.ok) throw new BenchError(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}
