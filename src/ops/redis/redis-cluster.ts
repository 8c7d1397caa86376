import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  AbstractConnector,
  Cluster,
  type ClusterNode,
  type ClusterOptions,
  type DNSLookupFunction,
  Redis,
  type RedisOptions,
} from 'ioredis';
import type { RedisPlace } from './redis-address.ts';

/** Of the connection to a node. */
type NodeOptions = Omit<RedisOptions, 'replyMapping'>;

/** A command as ioredis has it, which does not export the type. */
type Command = Parameters<Cluster['sendCommand']>[0];

/** How often a connection asks which node owns which slot, and how long a node may take to answer, ms. */
const slotsEveryMs = 1_000;

/** Says, like an error of a single Redis, that nothing was sent (log/redis/redis-error.ts). */
const notSent = "Stream isn't writeable and enableOfflineQueue options is false";

/** The answer of a node that did not run the command. ioredis then asks another one. */
const notRun = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /;

/** For BullMQ: waits permanently, and sends a command again whose connection was lost. */
export function openBlockingCluster(places: readonly RedisPlace[], redisOptions: NodeOptions): Cluster {
  // BullMQ waits for `connect()`, which never resolves if the cluster is not whole at the first check. Without the check, commands
  // that come too early are answered CLUSTERDOWN and sent again.
  const cluster = new Cluster([...places], { ...optionsOf(redisOptions), enableReadyCheck: false });
  leaveLateNodes(cluster);
  // BullMQ blocks on a duplicate, which has to leave late nodes too.
  return Object.assign(cluster, {
    duplicate: (_places?: unknown, options: Pick<ClusterOptions, 'redisOptions'> = {}) =>
      openBlockingCluster(places, { ...redisOptions, ...options.redisOptions }),
  });
}

/**
 * A node that answers MOVED while ioredis disconnects from the cluster makes it add a node to those that it waits for. It does not
 * connect to that node, so it stays `disconnecting` permanently, and BullMQ, which waits for `end`, takes no job any more.
 */
function leaveLateNodes(cluster: Cluster): void {
  cluster.on('+node', (node: Redis) => {
    if (cluster.status === 'disconnecting') node.disconnect();
  });
}

/**
 * To every node of a cluster. Each command is sent once, or again where a node answered that it did not run it (MOVED, ASK,
 * TRYAGAIN). ioredis' own Cluster sends again what was under way on a lost connection, also after its caller has the error: of
 * 350 such commands 211 were run after "Command timed out", when a node had been frozen for 7 s (ioredis 6.0.0).
 */
export class StrictCluster extends Cluster {
  /** Commands that are on their way to a node, or may be. */
  readonly #sent = new WeakSet<Command>();

  constructor(places: readonly ClusterNode[], redisOptions: NodeOptions) {
    super([...places], {
      ...optionsOf(redisOptions),
      enableOfflineQueue: false,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
    });
    leaveLateNodes(this);
    this.on('+node', (node: Redis) => this.#guard(node));
  }

  /** Whether the owner of every slot can be reached. `status` is `ready` as long as any node can. */
  get isWhole(): boolean {
    const reached = this.nodes('master').filter(({ status }) => status === 'ready');
    const names = new Set(reached.map(({ options }) => `${options.host}:${options.port}`));
    return this.status === 'ready' && this.slots.every(([owner]) => owner !== undefined && names.has(owner));
  }

  override sendCommand(...args: Parameters<Cluster['sendCommand']>): unknown {
    const [command] = args;
    this.#sent.delete(command);
    const reject = command.reject;
    command.reject = (error) => reject.call(command, this.#mayBeSent(command, error) ? error : new Error(notSent));
    const reply = super.sendCommand(...args);
    const sendElsewhere = command.reject;
    command.reject = (error) => {
      if (notRun.test(error.message)) this.#sent.delete(command);
      sendElsewhere.call(command, error);
    };
    return reply;
  }

  #guard(node: Redis): void {
    // Without an offline queue here, commands would be rejected while their node connects for the first one of them.
    if (node.status === 'wait') node.connect().catch(() => undefined); // an `error` event follows
    const send = node.sendCommand.bind(node);
    node.sendCommand = (command, stream) => {
      // A pipeline sends its commands at once, so none of them has an answer yet.
      if (stream === undefined && command.isSettled) return command.promise;
      if (node.status === 'ready') this.#sent.add(command);
      else this.#sent.delete(command);
      return send(command, stream);
    };
  }

  #mayBeSent(command: Command, error: Error): boolean {
    return this.#sent.has(command) || !/^(?:Connection is closed\.|Command timed out)$/.test(error.message);
  }
}

function optionsOf(redisOptions: NodeOptions) {
  return {
    redisOptions,
    clusterRetryStrategy: (attempt: number) => Math.min(100 * attempt, 1_000),
    // A frozen primary keeps its connections: only this finds the node that has taken over.
    slotsRefreshInterval: slotsEveryMs,
    slotsRefreshTimeout: slotsEveryMs,
    // The name of a certificate belongs to the host that the cluster names, not to an address.
    ...(redisOptions.tls && { dnsLookup: ((host, done) => done(null, host)) satisfies DNSLookupFunction }),
  };
}

/**
 * A subscription at one node, because PUBLISH reaches all of them. When its connection is lost it goes to the next one of `places`.
 * A subscription of ioredis' Cluster does not say when it was lost, so that messages would be missed.
 */
export function openNodeSubscriber(places: readonly RedisPlace[], options: NodeOptions): Redis {
  let next = Math.floor(Math.random() * places.length);
  class NextNode extends AbstractConnector {
    constructor() {
      super(2_000);
    }

    async connect() {
      const { host, port } = places[next++ % places.length] ?? {};
      const place = { ...(host !== undefined && { host }), port: port ?? 6_379 };
      this.connecting = true;
      this.stream = options.tls ? connectTls({ ...place, ...options.tls }) : connectPlain(place);
      this.stream.once('error', (error) => {
        this.firstError = error;
      });
      return this.stream;
    }
  }
  return new Redis({ ...options, Connector: NextNode });
}
