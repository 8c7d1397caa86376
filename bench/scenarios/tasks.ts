import { type Browser, chromium, type Page } from 'playwright-core';
import { type Figure, figure, type Measurement, percentile } from '../figures/figure.ts';
import { BenchError } from '../process/bench-error.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage } from '../run/stage.ts';
import { timesToColleague } from '../tasks/colleague.ts';
import { deskTasks, neverShown, type Room } from '../tasks/desk-tasks.ts';
import { Hands } from '../tasks/hands.ts';
import { ReaderScreen } from '../tasks/reader-screen.ts';

/** What an editor does in a shift, by keys alone. */
export const tasks = defineScenario({
  name: 'tasks',
  summary:
    'Ten tasks at a real desk page, with only the keys that it shows: how many, and when a reader sees the result.',
  options: {
    lines: { default: 10, min: 1, help: 'lines that a colleague sees coming (12 in a minute are a question)' },
    browser: { default: '/usr/bin/chromium', help: 'the browser' },
  },
  run: measureTasks,
});

type TaskValues = CommonValues & { readonly lines: number; readonly browser: string };

/** A colleague's line is usually on the other desk within this, ms. */
const mostColleagueMs = 100;

async function measureTasks(values: TaskValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage({ ...values, edition: 'en', readers: 1 }, bench, null);
  const { apiUrl, feedUrl, key } = stage.system;
  const browser = await startBrowser(values.browser);
  try {
    const page = await openDesk(browser, apiUrl, key);
    const [reader, arabicReader] = [
      await ReaderScreen.open(browser, feedUrl, 'en'),
      await ReaderScreen.open(browser, feedUrl, 'ar'),
    ];
    const done = await doTasks({ page, hands: new Hands(page), reader, arabicReader }, bench);
    // Their pages look at every frame.
    await Promise.all([page.close(), reader.close(), arabicReader.close()]);
    bench.progress('sending lines that a colleague sees coming');
    const editor = await openDesk(browser, apiUrl, await keyOf('Nour', stage));
    const colleague = await openDesk(browser, apiUrl, await keyOf('Luz', stage));
    const times = await timesToColleague({ page: editor, hands: new Hands(editor) }, colleague, values.lines);
    const usual = percentile(times, 0.5) ?? 0;
    return {
      settings: { lines: values.lines },
      figures: [
        ...done.figures,
        figure(
          'colleague_p50',
          "a colleague's line: from the answer to POST to the other desk's paint, p50",
          usual,
          'ms',
        ),
        figure('colleague_max', "a colleague's line: the slowest", Math.max(...times), 'ms'),
      ],
      details: {},
      warnings: [],
      faults: [
        ...done.faults,
        ...(usual > mostColleagueMs ? [`a colleague's line took ${Math.round(usual)} ms to the other desk`] : []),
      ],
    };
  } finally {
    await browser.close();
  }
}

async function doTasks(
  room: Room,
  bench: Bench,
): Promise<{ readonly figures: readonly Figure[]; readonly faults: readonly string[] }> {
  const figures: Figure[] = [];
  const faults: string[] = [];
  for (const { name, mostKeys, seen, run } of deskTasks) {
    bench.progress(`task: ${name}`);
    room.hands.take();
    const ms = await run(room);
    const keys = room.hands.take();
    figures.push(figure(`${name}_keys`, `${name}: ${keysAsText(keys)}`, keys.length));
    if (ms !== null)
      figures.push(figure(`${name}_seen`, `${name}: until ${seen ?? "a reader's ticker shows it"}`, ms, 'ms'));
    if (keys.length > mostKeys) faults.push(`${name}: ${keys.length} keys, more than ${mostKeys}`);
  }
  for (const line of neverShown()) if (await room.reader.hasShown(line)) faults.push(`a reader saw "${line}"`);
  return { figures, faults };
}

/** `Tab, Tab, Tab, Enter` as `Tab x3, Enter`. */
function keysAsText(keys: readonly string[]): string {
  const runs: { key: string; times: number }[] = [];
  for (const key of keys) {
    const last = runs.at(-1);
    if (last?.key === key) last.times += 1;
    else runs.push({ key, times: 1 });
  }
  return runs.map(({ key, times }) => (times === 1 ? key : `${key} x${times}`)).join(', ');
}

async function openDesk(browser: Browser, apiUrl: string, key: string): Promise<Page> {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
  });
  const page = await context.newPage();
  await page.goto(`${apiUrl}/desk/en#key=${key}`);
  await page.locator('.items > li').first().waitFor();
  return page;
}

async function keyOf(name: string, { system }: Stage): Promise<string> {
  const response = await fetch(`${system.apiUrl}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, role: 'editor' }),
  });
  if (!response.ok) throw new BenchError(`POST /v1/keys answered ${response.status}`);
  return ((await response.json()) as { readonly token: string }).token;
}

async function startBrowser(executablePath: string): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  } catch (cause) {
    throw new BenchError(`--browser: ${executablePath} does not start`, { cause });
  }
}
