import { z } from 'zod';
import type { Measurement } from '../figures/figure.ts';
import { wallOffset } from '../process/clock.ts';
import { apiFaults, apiFigures, apiWarnings, type Snapshots } from '../run/api-figures.ts';
import { settle } from '../run/delivery.ts';
import { join } from '../run/join.ts';
import { load } from '../run/load.ts';
import { itemBody, type Posted, postItems } from '../run/poster.ts';
import { faultsOf } from '../run/reach.ts';
import { type Bench, type CommonValues, defineScenario } from '../run/scenario.ts';
import { look, type Stage, setStage } from '../run/stage.ts';
import { syncTimes } from '../target/disk.ts';

/** The two HTTP paths: the desk's POST, and the snapshot that a site caches. */
export const api = defineScenario({
  name: 'api',
  summary: 'POST /v1/items and feed.json under load, and POST to in-the-log, idle and while readers are being served.',
  options: {
    connections: { default: 8, min: 1, help: 'HTTP connections' },
    seconds: { default: 10, min: 1, help: 'seconds of each load' },
    rate: { default: 10, min: 0.1, help: 'items a second that are timed until they are in the log' },
    items: { default: 100, min: 1, help: 'items that are timed until they are in the log' },
    readers: { default: 10_000, help: 'readers that are served meanwhile, in a second round; 0: no such round' },
  },
  run: measureApi,
});

type ApiValues = CommonValues & {
  readonly connections: number;
  readonly seconds: number;
  readonly rate: number;
  readonly items: number;
  readonly readers: number;
};

async function measureApi(values: ApiValues, bench: Bench): Promise<Measurement> {
  await using stage = await setStage(values, bench, 20_000);
  const folder = stage.system.dataFolder;
  const disk = folder === null ? null : await syncTimes(folder, 200, bench.clock);
  bench.progress(`posting ${warmUpItems} items, so that all code is compiled`);
  await postItems(posterOf(stage, values, bench), { items: warmUpItems, perSecond: null, inFlight: 4 });
  await catchUp(stage, values, bench);
  bench.progress(`timing ${values.items} items until they are in the log, ${values.rate} a second`);
  const idle = await postAndWait(stage, values, bench);
  bench.progress(`POST over ${values.connections} connections for ${values.seconds} s`);
  const posting = await loadPosts(stage, values, bench);
  const catchUpMs = await catchUp(stage, values, bench);
  const backlogPerSecond = await appendBacklog(stage, values, bench);
  const snapshots = await loadSnapshots(stage, values, bench);
  const served = values.readers === 0 ? null : await postToReaders(stage, values, bench);
  const run = { disk, idle, posting, catchUpMs, backlogPerSecond, snapshots, served: served?.posted ?? null };
  return {
    settings: {
      connections: values.connections,
      seconds: values.seconds,
      items: values.items,
      rate: values.rate,
      readers: values.readers,
    },
    figures: apiFigures(run),
    details: { 'POST answers': posting.statuses, 'feed.json answers': snapshots.plain.load.statuses },
    warnings: apiWarnings(run),
    faults: [...apiFaults(run), ...(served?.faults ?? [])],
  };
}

const warmUpItems = 300;

/** On a schedule that does not wait for answers; an answer comes when the item is in the log. */
async function postAndWait(stage: Stage, values: ApiValues, bench: Bench): Promise<readonly Posted[]> {
  const plan = { items: values.items, perSecond: values.rate, inFlight: 1, waitSeconds: 5 };
  const posted = await postItems(posterOf(stage, values, bench), plan);
  const offset = wallOffset(bench.clock);
  return Promise.all(
    posted.map(async (post) => {
      const response = await fetch(`${stage.system.feedUrl}/v1/feed/items/${post.id}`);
      const item = publishedSchema.safeParse(await response.json());
      return item.success ? { ...post, appendedAt: Date.parse(item.data.publishedAt) + 0.5 - offset } : post;
    }),
  );
}

const publishedSchema = z.looseObject({ publishedAt: z.string() });

function loadPosts(stage: Stage, values: ApiValues, bench: Bench) {
  const poster = posterOf(stage, values, bench);
  return load({
    url: `${poster.apiUrl}/v1/items`,
    method: 'POST',
    headers: { authorization: `Bearer ${poster.key}`, 'content-type': 'application/json' },
    body: (index) => JSON.stringify(itemBody(poster, { items: 0 }, index, bench.clock())),
    connections: values.connections,
    seconds: values.seconds,
  });
}

/** ms until what was accepted so far is in the log: the queue of an edition keeps its order, so one more item tells. */
async function catchUp(stage: Stage, values: ApiValues, bench: Bench): Promise<number | null> {
  bench.progress('waiting for the queue');
  const start = bench.clock();
  for (let i = 0; i < 10; i++) {
    const plan = { items: 1, perSecond: null, inFlight: 1, waitSeconds: 30 };
    const [post] = await postItems(posterOf(stage, values, bench), plan);
    if (post?.isInLog === true) return post.answeredAt - start;
  }
  return null;
}

/** Appends of one edition a second, of what STOP held. Null for a given system: STOP is not ours to pull there. */
async function appendBacklog(stage: Stage, values: ApiValues, bench: Bench): Promise<number | null> {
  if (stage.system.givenUrl !== null) return null;
  bench.progress(`POST under STOP for ${values.seconds} s, then what STOP held`);
  const { apiUrl, key } = posterOf(stage, values, bench);
  const turn = (stopped: boolean) =>
    fetch(`${apiUrl}/v1/stop`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ stopped }),
    }).then((response) => response.arrayBuffer());
  await turn(true);
  const { requests } = await loadPosts(stage, values, bench);
  await turn(false);
  const ms = await catchUp(stage, values, bench);
  return ms && (requests * 1_000) / ms;
}

/** feed.json as often as one client gets it, whole and unchanged (304). */
async function loadSnapshots(stage: Stage, values: ApiValues, bench: Bench): Promise<Snapshots> {
  bench.progress(`feed.json over ${values.connections} connections for ${values.seconds} s, twice`);
  const url = `${stage.system.feedUrl}/v1/feed.json?edition=${encodeURIComponent(values.edition)}`;
  const { connections, seconds } = values;
  const measure = async (headers: Readonly<Record<string, string>>) => {
    const before = look(stage.system, bench).fanout;
    const done = await load({ url, method: 'GET', headers, connections, seconds });
    const after = look(stage.system, bench).fanout;
    const cpuUs = before && after && ((after.cpuMs - before.cpuMs) * 1_000) / done.requests;
    return { load: done, cpuUs };
  };
  const plain = await measure({});
  const response = await fetch(url);
  await response.arrayBuffer();
  return { plain, unchanged: await measure({ 'if-none-match': response.headers.get('etag') ?? '' }) };
}

async function postToReaders(stage: Stage, values: ApiValues, bench: Bench) {
  await join(stage, values, bench);
  bench.progress(`timing ${values.items} items again while ${values.readers} readers are served`);
  const posted = await postAndWait(stage, values, bench);
  const { report, reaches } = await settle(stage, posted, bench);
  return { posted, faults: faultsOf(report, reaches, values.readers) };
}

function posterOf(stage: Stage, values: ApiValues, bench: Bench) {
  const { apiUrl, key, givenUrl } = stage.system;
  return {
    apiUrl,
    key,
    edition: values.edition,
    expireAfterMs: givenUrl === null ? null : 600_000,
    clock: bench.clock,
  };
}
