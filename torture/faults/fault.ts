import type { History } from '../checker/history.ts';
import { between, pause } from '../fuzz/random.ts';
import type { Newsdesk } from '../site/newsdesk.ts';
import type { OneRedisSite } from '../site/one-redis-site.ts';
import type { Scene } from '../site/scene.ts';

export interface Strike<Kind extends Scene = OneRedisSite> {
  readonly site: Kind;
  readonly desk: Newsdesk;
  readonly history: History;
  readonly random: () => number;
  /** A shorter form of what lasts. */
  readonly isShort: boolean;
  /** The project folder of another version, built; null: there is none. */
  readonly otherFolder: string | null;
}

export interface Fault<Kind extends Scene = OneRedisSite> {
  readonly name: string;
  /** Rows of docs/faults.md. */
  readonly rows: string;
  /** Redis loses data. Accepted commands may be missing, but the log must have a new epoch, and each client must receive it. */
  readonly losesData?: true;
  /** Another Redis may become primary. The log may have a new epoch then, and no accepted command may be missing. */
  readonly failsOver?: true;
  /** Readers lose their connections silently: what was written to one may be lost (docs/desk-api.md, proof of delivery). */
  readonly cutsReaders?: true;
  /** Redis may lose data, or not. */
  readonly mayLoseData?: true;
  /** How long readers may be without a new entry, ms. */
  readonly silentAtMostMs?: number;
  /** Within how many ms after it the desk has to accept again. */
  readonly acceptsWithinMs?: number;
  /** The run ends with a search of the fan-outs' memory for withdrawn text. */
  readonly searchesMemory?: true;
  /** Part of the short form. */
  readonly isShort?: true;
  /** Does the harm and undoes it; posts are under way all the time. Null: this machine cannot do it, and why. */
  strike(strike: Strike<Kind>): Promise<string | null>;
}

/** Some moment in the middle of what is under way. */
export const moment = (random: () => number) => pause(between(random, 20, 400));
export const lasting = (isShort: boolean, ms: number) => pause(isShort ? Math.min(ms, 2_500) : ms);
