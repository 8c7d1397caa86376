import { type Cluster, Redis } from 'ioredis';
import { loginOptions, type RedisAddress, type RedisPlace, type SentinelAddress } from './redis-address.ts';
import { parseInfo } from './redis-info.ts';

export const durabilities = ['replicated', 'single', 'weak', 'stated'] as const;

/** What accepted items rest on. */
export interface Durability {
  /**
   * `replicated`: enough replicas have every acceptance, on disks, so a failover loses none. `single`: there is no replica.
   * `weak`: a server without the newest acceptances can become primary. `stated`: the operator says what protects them.
   */
  readonly state: (typeof durabilities)[number];
  /** For an operator. It has addresses of servers. */
  readonly why: string;
}

export interface DurabilityOptions {
  /** FLASHWIRE_DURABILITY. */
  readonly mode: 'local' | 'replicated';
  /** FLASHWIRE_DURABILITY_STATED. */
  readonly stated: string | undefined;
}

export interface RedisNode {
  readonly at: string;
  /** Reads the stream of the primary without a delay. Always true of the primary. */
  readonly isInSync: boolean;
  /** appendfsync, `off` without an append-only file; `hidden`: Redis forbids to read it. */
  readonly fsync: 'always' | 'everysec' | 'no' | 'off' | 'hidden' | 'unreached';
}

/** How many replicas have to have an acceptance: with the primary they are more than half of the data nodes, and at least two. */
export function replicasNeeded(nodes: number): number {
  return Math.max(1, Math.floor(nodes / 2));
}

/** `nodes` are known to be part of this Redis, also those that are away. `replicas` are connected. */
export function durabilityOf(
  { mode, stated }: DurabilityOptions,
  nodes: number,
  primary: RedisNode,
  replicas: readonly RedisNode[],
): Durability {
  const all = [primary, ...replicas];
  const unsafe = all.find(({ fsync }) => ['everysec', 'no', 'off'].includes(fsync));
  const unsynced = unsafe && `appendfsync is ${unsafe.fsync} at ${unsafe.at}`;
  const inSync = replicas.filter((replica) => replica.isInSync).length;
  const needed = replicasNeeded(nodes);
  if (mode === 'replicated') {
    if (nodes < 2) return weak('FLASHWIRE_DURABILITY is replicated, but there is no replica: every POST is 504');
    if (inSync < needed) return weak(`${inSync} replicas are in sync, ${needed} are needed`);
  }
  if (unsynced && nodes > 1) return weak(unsynced);
  if (primary.fsync === 'hidden' && stated !== undefined) return { state: 'stated', why: stated };
  const hidden = all.find(({ fsync }) => fsync === 'hidden');
  if (hidden)
    return weak(
      `the settings of ${hidden.at} cannot be read: say in FLASHWIRE_DURABILITY_STATED what protects accepted items`,
    );
  if (nodes < 2) return { state: 'single', why: ['there is no replica', ...(unsynced ? [unsynced] : [])].join('; ') };
  if (mode === 'local') return weak('FLASHWIRE_DURABILITY is local: a failover can lose the newest acceptances');
  const unreached = all.find(({ fsync }) => fsync === 'unreached');
  if (unreached)
    return weak(`the replica at ${unreached.at} cannot be reached from the api, so its settings are unknown`);
  return { state: 'replicated', why: `${inSync} replicas are in sync, ${needed} have every acceptance` };
}

function weak(why: string): Durability {
  return { state: 'weak', why };
}

const lookEveryMs = 10_000;
const firstLookEveryMs = 500;
/** INFO counts whole seconds since the last sign of a replica, which gives one each second. */
const mostLagSeconds = 2;

export interface DurabilityWatch {
  /** Null before the first answer. */
  durability(): Durability | null;
  /** Null until it is known how many data nodes there are. */
  replicasNeeded(): number | null;
  stop(): void;
}

/**
 * Looks at every primary, its replicas and, if there are any, the Sentinels every ten seconds. The worst primary counts. Without an
 * answer the last state stays.
 */
export function watchDurability(
  redis: Redis | Cluster,
  address: RedisAddress,
  options: DurabilityOptions,
  onChange: (durability: Durability) => void,
): DurabilityWatch {
  let nodes: number | null = null;
  let durability: Durability | null = null;
  const look = async () => {
    const known = address.kind === 'sentinel' ? await replicasKnown(address) : 0;
    const primaries = redis instanceof Redis ? [redis] : redis.nodes('master');
    const answers = await Promise.allSettled(primaries.map((primary) => readShard(primary, address)));
    const shards = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    if (shards.length === 0) return;
    const isWhole = known !== null && shards.length === primaries.length;
    // A replica that is away still counts: it may come back and be elected.
    const seen = Math.max(nodes ?? 1, 1 + (known ?? 0), ...shards.map(({ replicas }) => 1 + replicas.length));
    if (isWhole || nodes !== null) nodes = seen;
    const found = shards.map(({ primary, replicas }) => durabilityOf(options, seen, primary, replicas));
    if (shards.length < primaries.length) found.unshift(weak('a primary of the cluster does not answer'));
    if (nodes === null && known === null)
      found.unshift(weak('no Sentinel says how many replicas there are: their user needs +sentinel|master'));
    const [worst] = found.sort((a, b) => worstFirst.indexOf(a.state) - worstFirst.indexOf(b.state));
    if (!worst) return;
    if (!durability || reasonOf(worst) !== reasonOf(durability)) onChange(worst);
    durability = worst;
  };
  const lookQuietly = () => void look().catch(() => undefined);
  lookQuietly();
  redis.on('ready', lookQuietly);
  let timer: NodeJS.Timeout;
  const lookLater = () => {
    // A cluster is ready before each of its primaries is.
    const again = () => {
      lookQuietly();
      lookLater();
    };
    timer = setTimeout(again, nodes === null ? firstLookEveryMs : lookEveryMs).unref();
  };
  lookLater();
  return {
    durability: () => durability,
    replicasNeeded: () => (nodes === null ? null : replicasNeeded(nodes)),
    stop: () => {
      clearTimeout(timer);
      redis.off('ready', lookQuietly);
    },
  };
}

/** Without the number of replicas in sync, which comes and goes. */
function reasonOf({ state, why }: Durability): string {
  return `${state} ${why.replace(/^\d+/, '')}`;
}

const worstFirst: readonly Durability['state'][] = ['weak', 'single', 'stated', 'replicated'];

async function readShard(redis: Redis, address: RedisAddress) {
  const connected = replicasIn(await redis.info('replication'));
  const at = `${redis.stream?.remoteAddress}:${redis.stream?.remotePort}`;
  const [fsync, ...replicas] = await Promise.all([
    fsyncOf(redis),
    ...connected.map((replica) => nodeAt(address, replica)),
  ]);
  return { primary: { at, isInSync: true, fsync }, replicas };
}

interface Replica extends RedisPlace {
  readonly isInSync: boolean;
}

function replicasIn(text: string): readonly Replica[] {
  const info = parseInfo(text);
  return Object.keys(info).flatMap((name) => {
    const fields = /^slave\d+$/.test(name)
      ? new Map(info[name]?.split(',').map((field) => field.split('=', 2) as [string, string]))
      : null;
    const host = fields?.get('ip');
    if (!fields || host === undefined) return [];
    const isInSync = fields.get('state') === 'online' && Number(fields.get('lag')) <= mostLagSeconds;
    return [{ host, port: Number(fields.get('port')), isInSync }];
  });
}

/** One attempt each time. */
const once = {
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  disableClientInfo: true,
  // INFO, which the Sentinels may deny their user: ioredis would write to the console then.
  enableReadyCheck: false,
};

async function nodeAt(address: RedisAddress, { host, port, isInSync }: Replica): Promise<RedisNode> {
  const { tls } = address;
  const redis = new Redis({ ...once, ...loginOptions(address), host, port, ...(tls && { tls }) });
  redis.on('error', () => undefined); // the command rejects
  const fsync = await fsyncOf(redis).catch(() => 'unreached' as const);
  redis.disconnect();
  return { at: `${host}:${port}`, isInSync, fsync };
}

async function fsyncOf(redis: Redis): Promise<RedisNode['fsync']> {
  const reply: unknown = await redis.config('GET', 'append*').catch(nullIfForbidden);
  if (!Array.isArray(reply)) return 'hidden';
  const setting = (name: string) => String(reply[reply.indexOf(name) + 1]);
  return setting('appendonly') === 'yes' ? (setting('appendfsync') as RedisNode['fsync']) : 'off';
}

function nullIfForbidden(error: Error): null {
  if (/^(NOPERM|ERR unknown command)/.test(error.message)) return null;
  throw error;
}

/** The replicas that the first Sentinel to answer knows of; null if none answers. */
async function replicasKnown({ places, name, sentinelLogin, tls }: SentinelAddress): Promise<number | null> {
  const answers = places.map(async (place) => {
    const redis = new Redis({ ...once, ...loginOptions(sentinelLogin), ...place, ...(tls && { tls }) });
    redis.on('error', () => undefined); // the command rejects
    const reply = await redis.call('SENTINEL', 'MASTER', name).finally(() => redis.disconnect());
    const fields = reply as readonly string[];
    return Number(fields[fields.indexOf('num-slaves') + 1]) || 0;
  });
  return await Promise.any(answers).catch(() => null);
}
