import { type Browser, chromium, type Page } from 'playwright-core';
import { type Figure, figure, type Measurement } from '../figures/figure.ts';
import { BenchError } from '../process/bench-error.ts';
import { wallOffset } from '../process/clock.ts';
import { settle } from '../run/delivery.ts';
import { join } from '../run/join.ts';
import { watchPaints } from '../run/paints.ts';
import { type Posted, postItems } from '../run/poster.ts';
import { faultsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { type Stage, setStage } from '../run/stage.ts';
import { changeSurfaces, type SurfaceTimes } from './surfaces.ts';

/** From the POST to the frame of a real screen, while many others read. */
export const painted = defineScenario({
  name: 'painted',
  summary:
    'From POST to painted in a real browser (Chromium), and changes on every open surface, beside N other readers.',
  options: {
    readers: { default: 5_000, min: 1, help: 'other readers' },
    items: { default: 300, min: 1, help: 'items' },
    rate: { default: 3, min: 0.01, help: 'items a second' },
    changes: { default: 10, help: 'items that are then corrected, hidden, shown and withdrawn on every open surface' },
    browser: { default: '/usr/bin/chromium', help: 'the browser' },
  },
  run: measurePainted,
});

type PaintedValues = CommonValues & {
  readonly readers: number;
  readonly items: number;
  readonly rate: number;
  readonly changes: number;
  readonly browser: string;
};

async function measurePainted(values: PaintedValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000);
  await join(stage, values, bench);
  const browser = await startBrowser(values.browser);
  try {
    const page = await browser.newPage();
    await page.goto(`${stage.system.feedUrl}/live/${values.edition}?debug`);
    await page.locator('.state.live').waitFor();
    await watchPaints(page, 'id');
    bench.progress(`posting ${values.items} items, ${values.rate} a second`);
    const plan = { items: values.items, perSecond: values.rate, inFlight: 1 };
    const posted = await postItems(posterOf(stage, values, bench), plan);
    const { report, reaches } = await settle(stage, posted, bench);
    const times = await paintTimes(page, posted, wallOffset(bench.clock));
    bench.progress(`changing ${values.changes} items on every open surface`);
    const surfaces = await changeSurfaces({ browser, stage, values, bench });
    return {
      settings: { readers: stage.swarm.readers, items: values.items, rate: values.rate, changes: values.changes },
      figures: [...paintFigures(times), ...surfaceFigures(surfaces)],
      details: {},
      warnings: times.length < posted.length ? [`${posted.length - times.length} items were never painted`] : [],
      faults: faultsOf(report, reaches, stage.swarm.readers),
    };
  } finally {
    await browser.close();
  }
}

function posterOf(stage: Stage, values: PaintedValues, bench: Bench) {
  const { apiUrl, key } = stage.system;
  return { apiUrl, key, edition: values.edition, expireAfterMs: null, clock: bench.clock };
}

async function startBrowser(executablePath: string): Promise<Browser> {
  try {
    return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  } catch (cause) {
    throw new BenchError(`--browser: ${executablePath} does not start`, { cause });
  }
}

async function paintTimes(page: Page, posted: readonly Posted[], offset: number): Promise<readonly number[]> {
  const paints = await page.evaluate(() => (globalThis as unknown as { paints: Record<string, number> }).paints);
  return posted
    .flatMap(({ id, dueAt }) => (paints[id] === undefined ? [] : [paints[id] - (dueAt + offset)]))
    .sort((a, b) => a - b);
}

function paintFigures(sorted: readonly number[]): readonly Figure[] {
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
  return [
    figure('painted_p50', 'POST to painted, p50', at(0.5), 'ms'),
    figure('painted_p90', 'POST to painted, p90', at(0.9), 'ms'),
    figure('painted_p99', 'POST to painted, p99', at(0.99), 'ms'),
    figure('painted_max', 'POST to painted, max', at(1), 'ms'),
    figure('painted', 'items painted', sorted.length),
  ];
}

function surfaceFigures(surfaces: readonly SurfaceTimes[]): readonly Figure[] {
  return surfaces.map(({ change, ms }) =>
    figure(
      `all_surfaces_${change}`,
      `${change}: on the last of all open surfaces, slowest of ${ms.length}`,
      Math.max(...ms),
      'ms',
    ),
  );
}
