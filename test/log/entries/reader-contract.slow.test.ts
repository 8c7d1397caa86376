import { afterAll, beforeAll } from 'vitest';
import { type RedisCluster, startCluster } from '../../resources/redis-cluster.ts';
import { openClusterLog } from '../edition-log.ts';
import { inRedis, testReader } from './reader-contract.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster[Symbol.asyncDispose]());

testReader('in a cluster', async () => inRedis(await openClusterLog(cluster.url)));
