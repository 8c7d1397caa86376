import { readFileSync } from 'node:fs';
import type { Service } from 'kubernetes-types/core/v1.js';
import type { Ingress } from 'kubernetes-types/networking/v1.js';
import { operationsOf } from '../../../src/api/openapi/operations.ts';
import { languageTags } from '../../../src/ui/strings/strings.ts';
import { site } from '../../resources/site.ts';
import type { Manifest } from './kustomize.ts';

interface Match {
  readonly type: string;
  readonly path: string;
  readonly service: string | undefined;
  readonly port: string | number | undefined;
}

interface HttpRoute {
  readonly spec: {
    readonly rules?: readonly {
      readonly matches?: readonly { readonly path?: { readonly type?: string; readonly value?: string } }[];
      readonly backendRefs?: readonly { readonly name: string; readonly port?: number }[];
      readonly timeouts?: { readonly request?: string };
    }[];
  };
}

/** Everything that the api answers. */
const deskPaths: readonly string[] = [
  ...operationsOf(site).map(({ path }) => path.replace(/\{\w+\}/g, 'x')),
  ...[...readFileSync('src/ui/server/desk-page.ts', 'utf8').matchAll(/\['(\/desk[^']*)',/g)].map(
    ([, path = '']) => path,
  ),
  ...languageTags().map((language) => `/desk.strings.${language}.json`),
  '/desk/en',
  '/v1/test/items',
];

/** What fan-outs answer, beside what looks like the desk. */
const publicPaths: readonly string[] = [
  '/',
  '/v1/feed',
  '/v1/feed.poll',
  '/v1/feed/items/x',
  '/v1/painted',
  '/live/en',
  '/desktop',
  '/ticker.js',
  '/readyz',
];

/** Whether a request gets to the role that answers it, through an HTTPRoute and through an Ingress. */
export function routeFaults(manifests: readonly Manifest[]): readonly string[] {
  const services = manifests.filter(({ kind }) => kind === 'Service') as unknown as readonly Service[];
  const ways = manifests.filter(({ kind }) => kind === 'HTTPRoute' || kind === 'Ingress');
  return ways.flatMap((way) => {
    const matches = way.kind === 'Ingress' ? ofIngress(way as Ingress) : ofRoute(way as unknown as HttpRoute);
    const leadsTo = (path: string) => bestOf(matches, path)?.service;
    const wrong = (paths: readonly string[], service: string) =>
      paths.filter((path) => leadsTo(path) !== service).map((path) => `${path} leads to ${leadsTo(path)}`);
    const hasPort = ({ service, port }: Match) =>
      services.some(
        ({ metadata, spec }) =>
          metadata?.name === service && spec?.ports?.some((one) => one.name === port || one.port === port),
      );
    return [
      ...wrong(deskPaths, 'flashwire-api'),
      ...wrong(publicPaths, 'flashwire-fanout'),
      ...matches
        .filter((match) => !hasPort(match))
        .map(({ service, port }) => `no Service ${service} has port ${port}`),
      ...(way.kind === 'HTTPRoute' && !isUntimed(way as unknown as HttpRoute) ? ['a time limit cuts streams'] : []),
    ].map((fault) => `${way.kind} ${way.metadata.name}: ${fault}`);
  });
}

const isUntimed = ({ spec }: HttpRoute) => spec.rules?.every(({ timeouts }) => timeouts?.request === '0s');

const ofIngress = ({ spec }: Ingress): readonly Match[] =>
  (spec?.rules ?? []).flatMap(({ http }) =>
    (http?.paths ?? []).map(({ pathType, path = '/', backend: { service } }) => ({
      type: pathType === 'Prefix' ? 'PathPrefix' : pathType,
      path,
      service: service?.name,
      port: service?.port?.name ?? service?.port?.number,
    })),
  );

const ofRoute = ({ spec }: HttpRoute): readonly Match[] =>
  (spec.rules ?? []).flatMap(({ matches = [], backendRefs = [] }) =>
    matches.map(({ path }) => ({
      type: path?.type ?? 'PathPrefix',
      path: path?.value ?? '/',
      service: backendRefs[0]?.name,
      port: backendRefs[0]?.port,
    })),
  );

/** Both specifications: an exact path wins, then the longest prefix, which ends at a slash. */
function bestOf(matches: readonly Match[], path: string): Match | undefined {
  const fitting = matches.filter(({ type, path: own }) =>
    type === 'Exact' ? path === own : path === own || path.startsWith(own.replace(/\/?$/, '/')),
  );
  const rank = ({ type, path: { length } }: Match) => (type === 'Exact' ? 10_000 : 0) + length;
  return fitting.toSorted((a, b) => rank(b) - rank(a))[0];
}
