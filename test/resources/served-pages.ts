import type { Site, SiteIdentity } from '../../src/item/site.ts';
import type { LogFollower, LogReader } from '../../src/log/entries/log-reader.ts';
import { createPages } from '../../src/ui/server/pages.ts';
import { hostPage } from '../ui/host-page.ts';
import { type FanoutServer, serveFanout } from './fanout-server.ts';
import { MemoryLog } from './memory-log.ts';
import { site as usualSite } from './site.ts';

/** What a reader's browser sees, feed and pages, on logs in memory that a test writes to. No desk, no Redis. */
export interface ServedPages extends AsyncDisposable {
  readonly url: string;
  readonly server: FanoutServer;
  readonly en: MemoryLog;
  readonly ar: MemoryLog;
  readonly es: MemoryLog;
  /** Of a site that has such an edition. */
  readonly fr: MemoryLog;
}

export async function servePages(
  publicDir: string,
  publicUrl?: string,
  hostBody = '',
  identity: Partial<SiteIdentity> = {},
  editions = usualSite.editions,
): Promise<ServedPages> {
  const site: Site = { ...usualSite, editions, site: { ...usualSite.site, ...identity } };
  const logs = { en: new MemoryLog('en'), ar: new MemoryLog('ar'), es: new MemoryLog('es'), fr: new MemoryLog('fr') };
  const of = (edition: string) => logs[edition === 'ar' || edition === 'es' || edition === 'fr' ? edition : 'en'];
  const log: LogReader & LogFollower = {
    head: (edition) => of(edition).head(),
    load: (edition, limits) => of(edition).load(edition, limits),
    range: (edition, after) => of(edition).range(edition, after),
    suspect: (edition, epoch) => of(edition).suspect(edition, epoch),
    history: (edition, before, limit) => of(edition).history(edition, before, limit),
    item: (edition, id) => of(edition).item(edition, id),
    start: async (callbacks) => {
      // One connection brings all editions: ready once.
      await Promise.all([logs.ar, logs.es, logs.fr].map((quiet) => quiet.start({ ...callbacks, onReady: () => {} })));
      await logs.en.start(callbacks);
    },
    close: async () => {
      await Promise.all(Object.values(logs).map((known) => known.close()));
    },
  };
  const server = await serveFanout(
    log,
    {},
    {
      site,
      pages: (fanout) => {
        const pages = createPages({
          publicDir,
          site,
          news: fanout.view,
          publicUrl,
          onError: (error) => {
            throw error;
          },
        });
        if (hostBody === '') return (request, response) => pages.handleRequest(request, response);
        const host = hostPage(hostBody, () => {});
        return (request, response) => {
          if (request.url?.startsWith('/host')) host(request, response);
          return request.url?.startsWith('/host') || pages.handleRequest(request, response);
        };
      },
    },
  );
  return { ...logs, url: server.origin, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
