import { type Browser, chromium, type Page } from 'playwright-core';
import { type Figure, figure, type Measurement } from '../figures/figure.ts';
import { BenchError } from '../process/bench-error.ts';
import { join } from '../run/join.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage } from '../run/stage.ts';

/** From the key that a person presses at the desk to the last reader, and to the desk's own proof of it. */
export const desk = defineScenario({
  name: 'desk',
  summary:
    'Hide and retract by key in a real desk page, until the last of N readers has lost the line and the desk proves it.',
  options: {
    readers: { default: 5_000, min: 1, help: 'readers' },
    items: { default: 20, min: 1, help: 'items that are hidden and then retracted' },
    browser: { default: '/usr/bin/chromium', help: 'the browser' },
  },
  run: measureDesk,
});

type DeskValues = CommonValues & { readonly readers: number; readonly items: number; readonly browser: string };

/** From the press of the key, ms. */
interface Times {
  /** Until the last reader had it. */
  readonly readers: number[];
  /** Until the desk page said that it is proven. */
  readonly proof: number[];
}

const patienceMs = 15_000;

async function measureDesk(values: DeskValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000);
  await join(stage, values, bench);
  const browser = await startBrowser(values.browser);
  const hide: Times = { readers: [], proof: [] };
  const retract: Times = { readers: [], proof: [] };
  const said: string[] = [];
  try {
    const page = await browser.newPage();
    await page.goto(`${stage.system.apiUrl}/desk#key=${stage.system.key}`);
    await page.locator('.composer textarea').waitFor();
    for (let item = 1; item <= values.items; item++) {
      bench.progress(`hiding and retracting item ${item} of ${values.items}`);
      const id = await post(stage, values, item);
      const row = page.locator(`[data-id="${id}"]`);
      await row.waitFor();
      await untilSeen(stage, id, 1, bench);
      await timed({ stage, page, bench, id }, 2, hide, async () => {
        await row.focus();
        return () => page.keyboard.press('Delete');
      });
      await row.locator('.undo-hide').waitFor();
      await page.keyboard.press('Control+z');
      await untilSeen(stage, id, 3, bench);
      await timed({ stage, page, bench, id }, 4, retract, async () => {
        await row.locator('button.retract').press('Enter');
        await row.locator('[name=reason]').fill('bench');
        return () => page.keyboard.press('Control+Enter');
      });
      said.push((await row.locator('.reach').textContent()) ?? '');
    }
  } finally {
    await browser.close();
  }
  const report = await stage.swarm.report();
  return {
    settings: { readers: stage.swarm.readers, items: values.items },
    figures: [...figuresOf('hide', hide), ...figuresOf('retract', retract)],
    details: {},
    warnings: [],
    faults: [
      ...Object.entries(report.faults).map(([kind, times]) => `${kind}: ${times}`),
      ...said.filter((text) => !text.includes('proven')).map((text) => `the desk said: ${text}`),
    ],
  };
}

interface Timing {
  readonly stage: Stage;
  readonly page: Page;
  readonly bench: Bench;
  readonly id: string;
}

/** `prepare` does all but the last key and returns the press of that. */
async function timed(
  { stage, page, bench, id }: Timing,
  version: number,
  times: Times,
  prepare: () => Promise<() => Promise<void>>,
): Promise<void> {
  const press = await prepare();
  const pressedAt = bench.clock();
  await press();
  const proven = page.locator(`[data-id="${id}"] .delivery[data-version="${version}"] .reach.proven`);
  await proven.waitFor({ timeout: patienceMs });
  times.proof.push(bench.clock() - pressedAt);
  times.readers.push((await untilSeen(stage, id, version, bench)) - pressedAt);
}

/** Resolves with the moment at which the last reader had a version. */
async function untilSeen(stage: Stage, id: string, version: number, bench: Bench): Promise<number> {
  const deadline = bench.clock() + patienceMs;
  for (;;) {
    const { sightings } = await stage.swarm.report();
    const seen = sightings.find((sighting) => sighting.id === id && sighting.version === version);
    if (seen && seen.count >= stage.swarm.readers) return seen.last;
    if (bench.clock() > deadline)
      throw new BenchError(`only ${seen?.count ?? 0} readers have version ${version} of ${id}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function post({ system }: Stage, { edition }: DeskValues, item: number): Promise<string> {
  const response = await fetch(`${system.apiUrl}/v1/items`, {
    method: 'POST',
    headers: { authorization: `Bearer ${system.key}`, 'content-type': 'application/json', prefer: 'wait=5' },
    body: JSON.stringify({ edition, headline: `Desk line ${item}`, attribution: 'Bench', urgency: 'urgent' }),
  });
  if (!response.ok) throw new BenchError(`POST /v1/items answered ${response.status}`);
  return ((await response.json()) as { readonly id: string }).id;
}

async function startBrowser(executablePath: string): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  } catch (cause) {
    throw new BenchError(`--browser: ${executablePath} does not start`, { cause });
  }
}

function figuresOf(what: string, { readers, proof }: Times): readonly Figure[] {
  const sorted = (times: readonly number[]) => times.toSorted((a, b) => a - b);
  const half = (times: readonly number[]) => sorted(times)[Math.floor(times.length / 2)] ?? null;
  const most = (times: readonly number[]) => sorted(times).at(-1) ?? null;
  return [
    figure(`${what}_p50`, `${what}: key press to the last reader, p50`, half(readers), 'ms'),
    figure(`${what}_max`, `${what}: key press to the last reader, max`, most(readers), 'ms'),
    figure(`${what}_proof_p50`, `${what}: key press to the proof on the desk, p50`, half(proof), 'ms'),
    figure(`${what}_proof_max`, `${what}: key press to the proof on the desk, max`, most(proof), 'ms'),
  ];
}
