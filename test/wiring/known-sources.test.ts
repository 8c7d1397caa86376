import { expect, test } from 'vitest';
import { KnownSources } from '../../src/wiring/known-sources.ts';

const afp = { name: 'AFP', kind: 'organisation' } as const;
const ana = { name: 'Ana Prueba', kind: 'person' } as const;

test('pages know the sources of the site file and those that were confirmed, also while Redis is unreachable', async () => {
  let isReachable = true;
  const errors: unknown[] = [];
  const sources = new KnownSources({
    seeds: [afp],
    editions: ['en'],
    confirmed: {
      read: async () => {
        if (!isReachable) throw new Error('unreachable');
        return { sources: [ana], text: '' };
      },
    },
    onError: (error) => errors.push(error),
  });
  expect(sources.of('en')).toEqual([afp]);
  await sources.read();
  expect(sources.of('en')).toEqual([afp, ana]);
  expect(sources.of('es')).toEqual([afp]);
  isReachable = false;
  await sources.read();
  expect(sources.of('en')).toEqual([afp, ana]);
  expect(errors).toHaveLength(1);
  sources.close();
});
