import { inject } from 'vitest';
import { openEditionLog } from '../edition-log.ts';
import { inMemory, inRedis, testReader } from './reader-contract.ts';

testReader('in memory', inMemory);
testReader('in Redis', async () => inRedis(await openEditionLog(inject('redisUrl'))));
